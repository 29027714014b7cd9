from __future__ import annotations

from api_fixtures import anonymous, api, app, clock, everybody, shared_app  # noqa: F401 - fixtures
from identity_stage import (  # noqa: F401 - fixtures
    give,
    keys,
    light_hashes,
    new_person,
    new_reader,
    people,
    place,
    reader,
)
from people_stage import jobs, mail_on, office, staff  # noqa: F401 - fixtures
