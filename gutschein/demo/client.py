"""A caller of the API, as any partner would write one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import httpx

_TIMEOUT_SECONDS = 120


class Unexpected(Exception):
    """The service answered something else than the job expects."""


class Client:
    """The API of one service. JSON in, JSON out."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(
            base_url=self.url, headers={"accept-language": "de"}, timeout=_TIMEOUT_SECONDS
        )

    def headers_for(self, path: str, body: Any) -> Mapping[str, str]:  # noqa: ARG002 - for those who know
        """Return the credential for a call; nobody's here."""
        return {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def is_there(self) -> bool:
        """Tell whether a service answers here."""
        try:
            return self._http.get("/health/ready").status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def get(self, path: str, **query: Any) -> Any:
        return self._json(self._get(path, query))

    def post(self, path: str, body: object = None) -> Any:
        """Call for an effect; the same body again is the same effect."""
        return self._json(self._post(path, body))

    def put(self, path: str, body: object) -> Any:
        """Say how something is to be; the same body again changes nothing."""
        headers = self.headers_for(path, body)
        return self._json(self._http.put(f"/api/v1/{path}", json=body, headers=headers))

    def send(self, path: str, content: bytes, media_type: str) -> Any:
        """Hand in a file."""
        headers = {**self.headers_for(path, None), "content-type": media_type}
        return self._json(self._http.post(f"/api/v1/{path}", content=content, headers=headers))

    def page(self, path: str) -> str:
        """Return a page as anybody sees it."""
        return self._ok(self._http.get(path)).text

    def file(self, path: str, **query: Any) -> bytes:
        return self._ok(self._get(path, query)).content

    def refused(self, path: str, body: object) -> str:
        """Call for something that must be refused, and return the code of the refusal."""
        response = self._post(path, body)
        if response.is_success or response.is_server_error:
            raise Unexpected(f"{path} was not refused but answered {response.status_code}")
        return str(response.json()["code"])

    def _get(self, path: str, query: Mapping[str, Any] | None = None) -> httpx.Response:
        headers = self.headers_for(path, None)
        return self._http.get(f"/api/v1/{path}", params=query, headers=headers)

    def _post(self, path: str, body: object) -> httpx.Response:
        headers = self.headers_for(path, body)
        return self._http.post(f"/api/v1/{path}", json=body, headers=headers)

    def _json(self, response: httpx.Response) -> Any:
        content = self._ok(response).content
        return response.json() if content else None

    def _ok(self, response: httpx.Response) -> httpx.Response:
        if not response.is_success:
            raise Unexpected(
                f"{response.request.method} {response.request.url.path} answered"
                f" {response.status_code}: {response.text[:500]}"
            )
        return response


def fixed_id(run: str, name: str) -> str:
    """Return the UUIDv7 that *name* goes by in one run: the same call, the same id.

    A run that was cut short can so be started again and finds what it made.
    """
    digest = bytearray(hashlib.sha256(f"{run} {name}".encode()).digest()[:16])
    digest[:6] = (1_767_225_600_000).to_bytes(6)  # 1 January 2026, as any UUIDv7 has a time
    digest[6] = 0x70 | digest[6] & 0x0F
    digest[8] = 0x80 | digest[8] & 0x3F
    return str(UUID(bytes=bytes(digest)))
