"""The address that people know the service by, as far as cookies and passkeys depend on it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Site:
    """An origin (RFC 6454) and what is named after it.

    :param origin: such as ``https://gutschein.example``; a passkey answers to no other.
    :param host: the relying party's id (WebAuthn level 3, section 4).
    """

    origin: str
    host: str

    @classmethod
    def of(cls, public_url: str) -> Site:
        """Read the public URL of the settings."""
        url = urlsplit(public_url)
        host = url.hostname or ""
        shown = f"[{host}]" if ":" in host else host
        usual = {"http": 80, "https": 443}[url.scheme]
        port = "" if url.port in {None, usual} else f":{url.port}"
        return cls(f"{url.scheme}://{shown}{port}", host)

    @property
    def is_https(self) -> bool:
        return self.origin.startswith("https:")

    @property
    def takes_passkeys(self) -> bool:
        """Whether the host has a name: browsers make no passkeys for bare addresses."""
        try:
            ip_address(self.host)
        except ValueError:
            return True
        return False

    def cookie_name(self, name: str) -> str:
        """Return the name of a cookie that no other host or path can set (RFC 6265bis,
        section 4.1.3.2). Without TLS browsers refuse the prefix.
        """
        return f"__Host-{name}" if self.is_https else name
