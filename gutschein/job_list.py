"""Every job of the service, gathered."""

from __future__ import annotations

from functools import partial

from gutschein import jobs
from gutschein.db.access import IDENTITY, JOBS
from gutschein.devices.purge import purge as purge_devices
from gutschein.identity.passkey_challenges import purge_challenges
from gutschein.identity.sessions import purge_sessions
from gutschein.jobs import Job
from gutschein.kernel.clock import utc_now
from gutschein.limits.counting import purge as purge_limits
from gutschein.offline.jobs import offline_chores
from gutschein.people.invitations import forget_addresses
from gutschein.secrets import Secrets
from gutschein.settings import Settings
from gutschein.shop.closing_jobs import close_unpaid
from gutschein.shop.delivery_jobs import Delivery
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.signing.service_keys import ServiceKeys
from gutschein.vouchers.printing import Press

#: What nobody needs any more is cleared away.
PURGES = (
    Job("limits", 3_600, purge_limits),
    Job("devices", 600, jobs.purging(JOBS, purge_devices)),
    Job("sessions", 3_600, jobs.purging(IDENTITY, purge_sessions)),
    Job("passkey challenges", 3_600, jobs.purging(IDENTITY, purge_challenges)),
    Job("invitations", 3_600, jobs.purging(IDENTITY, forget_addresses)),
    Job("unpaid orders", 3_600, close_unpaid),
)


def job_list(
    settings: Settings, secrets: Secrets, kek: KeyEncryptionKey, keys: ServiceKeys
) -> list[Job]:
    """Return the jobs, as the settings want them."""
    press = Press(settings.qr_prefix, kek, utc_now())
    delivery = Delivery(kek, keys, settings.public_url, press)
    return [
        *jobs.standing_jobs(settings, secrets, keys),
        Job("offline", 60, partial(offline_chores, kek=kek)),
        Job("deliveries", 10, delivery),
        *PURGES,
    ]
