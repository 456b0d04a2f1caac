"""One question to Lucca: authenticated, paced, limited in time and size, its answer proven JSON."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import aiohttp
from yarl import URL

from figgosync.core.proxy import Proxy
from figgosync.core.traffic import Heard, unheard
from figgosync.errors import PermanentError, Reason, SyncError, TransientError
from figgosync.figgo.failures import error_for_failure, error_for_status, incomplete
from figgosync.figgo.limits import Bucket

TIMEOUT = timedelta(seconds=10)
"""Lucca itself gives up after 5 s (verified for v5); the rest is the way there and back."""

LARGEST_ANSWER = 16 * 1024 * 1024
"""In bytes, unpacked; a page of 1000 rows has about 0.5 MB."""


class Transport:
    """Asks one Figgo host with one API key.

    `bucket` belongs to the host, `session` to the process; neither is closed here. The session must
    keep no cookies (`aiohttp.DummyCookieJar`), since two keys may share it, and must verify
    certificates. `proxy` is the one before this host, if any; `heard` hears how each request ended.
    `server_time` is what the server's clock said with the latest answer, None where it did not.
    Raises PermanentError for what cannot be a key.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        session: aiohttp.ClientSession,
        bucket: Bucket,
        timeout: timedelta = TIMEOUT,
        proxy: Proxy | None = None,
        heard: Heard = unheard,
    ) -> None:
        self._heard = heard
        self._base_url = base_url.rstrip("/")
        self._headers = {
            "Authorization": f"lucca application={_usable(api_key)}",
            "Accept": "application/json",
            # Lucca's support finds an integration's requests by it.
            "User-Agent": "figgo-calendar-sync",
        }
        self._session = session
        self._bucket = bucket
        self._proxy = proxy
        self._timeout = aiohttp.ClientTimeout(total=timeout.total_seconds())
        self.server_time: datetime | None = None

    async def get(self, path_and_query: str) -> object:
        """Return the JSON that stands at an encoded path; raises only SyncErrors.

        A question that is given up was one to Figgo all the same, and is heard of as unanswered.
        """
        await self._bucket.acquire()
        try:
            answer = await self._asked(path_and_query)
        except SyncError as error:
            self._heard(error)
            raise
        except asyncio.CancelledError:
            self._heard(incomplete("A question to Figgo was given up."))
            raise
        self._heard(None)
        return answer

    async def _asked(self, path_and_query: str) -> object:
        try:
            body = await self._body(path_and_query)
        except SyncError as refusal:
            if refusal.reason is Reason.THROTTLED and refusal.retry_after:
                self._bucket.pause(refusal.retry_after.total_seconds())
            raise
        except (aiohttp.ClientError, OSError, TimeoutError) as failure:
            error = error_for_failure(failure, proxied=self._proxy is not None)
        else:
            return _json(body)
        # Outside of the handler, so that the cause with its headers is not chained to it.
        raise error

    async def _body(self, path_and_query: str) -> bytes:
        async with self._session.get(
            URL(self._base_url + path_and_query, encoded=True),
            headers=self._headers,
            allow_redirects=False,
            timeout=self._timeout,
            proxy=self._proxy.url if self._proxy else None,
            proxy_headers=_login(self._proxy),
        ) as response:
            if response.status != HTTPStatus.OK:
                raise error_for_status(response.status, response.headers)
            self.server_time = _moment(response.headers.get("Date", ""))
            body = bytearray()
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise incomplete("An answer of Figgo is larger than any page can be.")
            return bytes(body)


def _moment(date: str) -> datetime | None:
    """Read the header Date, which is in GMT by its definition (RFC 9110, 5.6.7)."""
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _json(body: bytes) -> object:
    """Read JSON by its content: the content type is wrong in both directions in practice."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        looks_like_json = body.lstrip()[:1] in {b"{", b"["}
    if looks_like_json:
        raise incomplete("An answer of Figgo broke off.")
    raise TransientError(
        Reason.SERVER_ERROR,
        "The Figgo address answers with a page instead of data: maintenance, or another server"
        " stands at this address.",
        tenant_wide=True,
    )


def _login(proxy: Proxy | None) -> dict[str, str] | None:
    """Return the headers for the proxy alone; aiohttp sends them with CONNECT and nowhere else."""
    if proxy is None or proxy.authorization is None:
        return None
    return {"Proxy-Authorization": proxy.authorization}


def _usable(api_key: str) -> str:
    """Return the key without the line end that `kubectl create secret --from-file` brings."""
    key = api_key.strip()
    if not key or not key.isascii() or not key.isprintable():
        raise PermanentError(
            Reason.SECRET_KEY_MISSING,
            "The API key in the Secret is empty or not a key. Write the key that Figgo shows"
            " under API keys; the sync resumes by itself.",
            tenant_wide=True,
        )
    return key
