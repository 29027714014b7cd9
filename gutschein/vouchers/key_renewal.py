"""A town gets a new signing key, when a second person has approved it."""

from __future__ import annotations

from gutschein.approvals.kinds import Case, Described, Done, Kind, Terms
from gutschein.db.unit_of_work import Work
from gutschein.kernel.author import Author
from gutschein.signing.keyring import renew_signing_key
from gutschein.towns.service import get_town
from gutschein.web.rights import Right
from gutschein.web.words import german


class KeyRenewal(Terms, frozen=True, kw_only=True, tag="key_renewal"):
    """A new key for the town to sign its vouchers with."""


async def _describe(work: Work, case: Case, _terms: KeyRenewal) -> Described:
    town = await get_town(work, case.town_id)
    return Described(
        subject_id=case.town_id,
        summary=f"Neuer Signaturschlüssel für {town.name}. Neue Gutscheine werden mit ihm"
        " unterschrieben; die bisherigen bleiben gültig.",
    )


async def _execute(work: Work, case: Case, _terms: KeyRenewal, _approver: Author) -> Done:
    key = await renew_signing_key(work, case.town_id, case.kek, case.now)
    return Done(after=f"Schlüssel {key.kid.hex()}")


KEY_RENEWAL = Kind(
    terms=KeyRenewal,
    title=german("Neuer Signaturschlüssel"),
    right=Right.KEY_RENEW,
    describe=_describe,
    execute=_execute,
)
