"""Persons: make one, find one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gutschein.db.unit_of_work import Work
from gutschein.identity import repository
from gutschein.identity.password_rules import check_password
from gutschein.identity.passwords import hash_password
from gutschein.identity.rules import normal_email
from gutschein.identity.totp import sealed_secret
from gutschein.kernel.author import SERVICE, Author
from gutschein.kernel.errors import Language, Refusal
from gutschein.kernel.ids import PersonId, new_id
from gutschein.signing.sealing import place
from gutschein.signing.service_keys import ServiceKeys


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in, as far as others may know them."""

    id: PersonId
    name: str
    language: Language
    disabled_at: datetime | None
    has_password: bool
    has_totp: bool


async def create_person(
    work: Work,
    keys: ServiceKeys,
    *,
    name: str,
    email: str,
    password: str | None,
    totp_secret: str | None = None,
    language: Language = "de",
    now: datetime,
) -> PersonId:
    """Make a person without any role.

    :param work: acting as ``IDENTITY``.
    :param password: ``None`` for somebody invited, who chooses one later.
    :param totp_secret: base32, for an authenticator that is set up already.
    :raises Refusal: ``email.invalid``, ``person.exists``, ``password.…``.
    """
    email = normal_email(email)
    person_id = PersonId(new_id())
    password_hash = None
    if password is not None:
        check_password(password, (name, email))
        password_hash = await hash_password(keys, password)
    made = await repository.insert_person(
        work,
        {
            "id": person_id,
            "name": name,
            "email_hash": email_hash(keys, email),
            "sealed_email": keys.seal("contact", email.encode(), _email_place(person_id)),
            "language": language,
            "password_hash": password_hash,
            "sealed_totp": totp_secret and sealed_secret(keys, person_id, totp_secret),
            "created_at": now,
        },
    )
    if not made:
        raise Refusal("person.exists")
    return person_id


async def get_person(work: Work, person_id: PersonId) -> Person:
    """Return a person.

    :raises Refusal: ``person.unknown``.
    """
    row = await _get_row(work, person_id)
    return Person(
        id=person_id,
        name=row.name,
        language=row.language,
        disabled_at=row.disabled_at,
        has_password=row.password_hash is not None,
        has_totp=row.sealed_totp is not None,
    )


async def find_by_email(work: Work, keys: ServiceKeys, email: str) -> PersonId | None:
    """Return whom an e-mail address belongs to.

    :raises Refusal: ``email.invalid``.
    """
    row = await repository.find_by_email(work, email_hash(keys, normal_email(email)))
    return None if row is None else PersonId(row.id)


async def email_of(work: Work, keys: ServiceKeys, person_id: PersonId) -> str:
    """Open a person's e-mail address, to write to them.

    :raises Refusal: ``person.unknown``.
    """
    row = await _get_row(work, person_id)
    return keys.unseal("contact", row.sealed_email, _email_place(person_id)).decode()


async def change_language(work: Work, person_id: PersonId, language: Language) -> None:
    """Choose the language a person reads pages and mails in."""
    await repository.change_person(work, person_id, language=language)


async def author_of(work: Work, person_id: PersonId | None) -> Author:
    """Return whom the business log names; ``None`` is the service.

    :raises Refusal: ``person.unknown``.
    """
    if person_id is None:
        return SERVICE
    return Author(person_id, (await _get_row(work, person_id)).name)


def email_hash(keys: ServiceKeys, email: str) -> bytes:
    """Return what a person is found by; *email* as :func:`normal_email` returns it."""
    return keys.hmac("lookup", b"person.email\0" + email.encode("utf-8", "surrogatepass"))


async def _get_row(work: Work, person_id: PersonId) -> Row[Any]:
    row = await repository.find_person(work, person_id)
    if row is None:
        raise Refusal("person.unknown")
    return row


def _email_place(person_id: PersonId) -> bytes:
    return place("person", "sealed_email", person_id)
