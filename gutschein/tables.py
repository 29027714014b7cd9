"""Every table of the service, gathered for the migrations and the checks of the schema."""

from __future__ import annotations

from gutschein.approvals import models as approvals
from gutschein.counter import models as counter
from gutschein.db.metadata import metadata
from gutschein.deposits import models as deposits
from gutschein.devices import models as devices
from gutschein.history import models as history
from gutschein.identity import models as identity
from gutschein.ledger import models as ledger
from gutschein.limits import models as limits
from gutschein.mail import models as mail
from gutschein.merchants import models as merchants
from gutschein.motifs import models as motifs
from gutschein.offline import models as offline
from gutschein.payments import models as payments
from gutschein.people import models as people
from gutschein.programmes import models as programmes
from gutschein.redemption import models as redemption
from gutschein.settlement import models as settlement
from gutschein.settlement import netting_models as netting
from gutschein.shop import models as shop
from gutschein.shop import withdrawal_models as withdrawals
from gutschein.signing import models as signing
from gutschein.storefront import models as storefront
from gutschein.towns import models as towns
from gutschein.vouchers import models as vouchers
from gutschein.vouchers import progress_models as progress
from gutschein.vouchers import stock_models as stock

__all__ = [
    "approvals",
    "counter",
    "deposits",
    "devices",
    "history",
    "identity",
    "ledger",
    "limits",
    "mail",
    "merchants",
    "metadata",
    "motifs",
    "netting",
    "offline",
    "payments",
    "people",
    "programmes",
    "progress",
    "redemption",
    "settlement",
    "shop",
    "signing",
    "stock",
    "storefront",
    "towns",
    "vouchers",
    "withdrawals",
]
