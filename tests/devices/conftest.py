from __future__ import annotations

from api_fixtures import anonymous, api, app, clock, everybody, shared_app  # noqa: F401 - fixtures
from day_stage import new_device  # noqa: F401 - a fixture
from paired_stage import keeper, paired, place  # noqa: F401 - fixtures
from shop_stage import (  # noqa: F401 - fixtures
    administrator,
    new_client,
    new_person,
    new_till,
    other_shop,
    owner,
    shop,
    till,
)
from stage import stage  # noqa: F401 - a fixture
