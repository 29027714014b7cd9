"""Every table of the service, gathered for the migrations and the checks of the schema."""

from __future__ import annotations

from gutschein.db.metadata import metadata
from gutschein.ledger import models as ledger
from gutschein.merchants import models as merchants
from gutschein.payments import models as payments
from gutschein.programmes import models as programmes
from gutschein.redemption import models as redemption
from gutschein.settlement import models as settlement
from gutschein.settlement import netting_models as netting
from gutschein.signing import models as signing
from gutschein.towns import models as towns
from gutschein.vouchers import models as vouchers

__all__ = [
    "ledger",
    "merchants",
    "metadata",
    "netting",
    "payments",
    "programmes",
    "redemption",
    "settlement",
    "signing",
    "towns",
    "vouchers",
]
