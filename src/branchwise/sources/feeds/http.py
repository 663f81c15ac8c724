"""Asking a server over HTTP: slowly, again where it stumbles, and never another server.

A request that fails in a way that may pass (no connection, no answer in time, an answer that
breaks off, 408, 425, 429, 5xx) is sent again after a wait that doubles, with jitter, or after what
``Retry-After`` says (RFC 9110, section 10.2.3). Redirections are not followed: they would take the
credentials to a server that nobody configured.
"""

from __future__ import annotations

import secrets
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from branchwise.core.errors import Where, failure
from branchwise.sources.feeds.address import Address

if TYPE_CHECKING:
    import httpx

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
GOOD = 200
ELSEWHERE = range(300, 400)
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0
WHOLE_ANSWER_FACTOR = 10
JITTER_STEPS = 1000
Sound = Callable[["Answer"], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a server is asked.

    Attributes
    ----------
    timeout_seconds : float
        How long to wait for a connection and between two parts of an answer; a whole answer may
        take ten times that [s].
    attempts : int
        How often one request is sent at most.
    patience_seconds : float
        How long one request waits between attempts, all waits together [s].
    requests_per_second : float
        Requests are at least the inverse of it apart [1/s].
    largest_mebibytes : float
        The largest answer that is taken, unpacked [MiB].
    agent : str
        Who is asking.
    """

    timeout_seconds: float = 30.0
    attempts: int = 6
    patience_seconds: float = 300.0
    requests_per_second: float = 5.0
    largest_mebibytes: float = 64.0
    agent: str = "branchwise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered.

    Attributes
    ----------
    status : int
        The HTTP status.
    headers : mapping of str to str
        Headers by their name in small letters.
    content : bytes
        The body, unpacked.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)

    @property
    def media_type(self) -> str:
        """The kind of content that the server declares, without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Client:
    """Asks one server.

    Parameters
    ----------
    address : Address
        The server; only URLs of the same origin are asked.
    manners : Manners
        How.
    headers : mapping of str to str, optional
        Headers of every request.
    sleep, clock : callable, optional
        How to wait [s], and a clock that only runs forward [s].

    Notes
    -----
    Errors are raised without the client library's own behind them, which repeats the address:
    [BW-SRC-080] if the server cannot be reached or does not answer soundly after all attempts,
    [BW-SRC-081] if it refuses the request, [BW-SRC-082] if it points to another place,
    [BW-SRC-083] if an answer is too large.
    """

    def __init__(
        self,
        address: Address,
        manners: Manners,
        headers: Mapping[str, str] | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        import httpx

        self._address = address
        self._manners = manners
        self._sleep = sleep
        self._clock = clock
        self._next_at = 0.0
        self._client = httpx.Client(
            timeout=httpx.Timeout(manners.timeout_seconds),
            headers={"User-Agent": manners.agent, **(headers or {})},
            follow_redirects=False,
            verify=_trusted(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._client.close()

    def get(
        self,
        url: str,
        parameters: Mapping[str, str] | None = None,
        *,
        sound: Sound = lambda _: "",
        accepted: range = range(GOOD, 300),
    ) -> Answer:
        """Ask for one URL and return the first sound answer.

        Parameters
        ----------
        url : str
            Of the same origin as the address.
        parameters : mapping of str to str, optional
            Parameters of the query, added to those of the URL.
        sound : callable, optional
            Says in words what is wrong with an answer that may be right the next time.
        accepted : range
            The statuses that are answers.
        """
        self.require_own(url)
        waited = 0.0
        for attempt in range(1, self._manners.attempts + 1):
            answer, reason, asked_to_wait = self._try(url, parameters)
            if answer is not None:
                if answer.status in accepted:
                    reason = sound(answer)
                    if not reason:
                        return answer
                elif answer.status not in PASSING:
                    self._refuse(answer)
            wait = self._wait(attempt) if asked_to_wait is None else asked_to_wait
            if attempt == self._manners.attempts or waited + wait > self._manners.patience_seconds:
                break
            self._sleep(wait)
            waited += wait
        raise failure(
            "BW-SRC-080",
            Where(place=self._address.shown),
            shown=self._address.shown,
            reason=reason,
            attempts=attempt,
        )

    def rest(self) -> None:
        """Wait as long as requests must be apart: somebody else has just asked this server."""
        self._next_at = self._clock() + 1.0 / self._manners.requests_per_second

    def require_own(self, url: str) -> None:
        """Refuse a URL of another origin [BW-SRC-082]."""
        if origin(url) != origin(self._address.url):
            elsewhere = "{}://{}".format(*origin(url)[:2])
            where = Where(place=self._address.shown)
            raise failure("BW-SRC-082", where, shown=self._address.shown, elsewhere=elsewhere)

    def _try(
        self, url: str, parameters: Mapping[str, str] | None
    ) -> tuple[Answer | None, str, float | None]:
        import httpx

        self._keep_rate()
        reason = "?"
        try:
            request = self._client.build_request("GET", url)
            if parameters:
                request.url = request.url.copy_merge_params(dict(parameters))
            response = self._client.send(request, stream=True)
            try:
                content = self._content(response)
            finally:
                response.close()
        except (httpx.RequestError, httpx.InvalidURL) as error:
            reason = _said(error)
        else:
            if content is None:
                return None, "the answer did not come to its end in time", None
            headers = {name.lower(): value for name, value in response.headers.items()}
            answer = Answer(status=response.status_code, headers=headers, content=content)
            return answer, f"HTTP status {answer.status}", _retry_after(answer)
        return None, reason, None

    def _content(self, response: httpx.Response) -> bytes | None:
        largest = int(self._manners.largest_mebibytes * 2**20)
        until = self._clock() + WHOLE_ANSWER_FACTOR * self._manners.timeout_seconds
        parts = bytearray()
        for part in response.iter_bytes():
            parts += part
            if len(parts) > largest:
                raise failure(
                    "BW-SRC-083",
                    Where(place=self._address.shown),
                    shown=self._address.shown,
                    largest=f"{self._manners.largest_mebibytes:g}",
                )
            if self._clock() > until:  # a server that drips never runs into the other time-out
                return None
        return bytes(parts)

    def _refuse(self, answer: Answer) -> None:
        shown = self._address.shown
        where = Where(place=shown)
        if answer.status in ELSEWHERE:
            target = answer.headers.get("location", "")
            elsewhere = "{}://{}".format(*origin(target)[:2]) if "://" in target else "?"
            raise failure("BW-SRC-082", where, shown=shown, elsewhere=elsewhere)
        raise failure("BW-SRC-081", where, shown=shown, status=answer.status)

    def _wait(self, attempt: int) -> float:
        longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** (attempt - 1))
        # Half of the wait is drawn, lest many clients come back at one moment; no result hangs on
        # it, so that it needs no seed.
        return longest * (0.5 + 0.5 * secrets.randbelow(JITTER_STEPS) / JITTER_STEPS)

    def _keep_rate(self) -> None:
        now = self._clock()
        if now < self._next_at:
            self._sleep(self._next_at - now)
        self._next_at = max(now, self._next_at) + 1.0 / self._manners.requests_per_second


@cache
def _trusted() -> ssl.SSLContext:
    """Return whom to trust, read once: it takes longer than a request."""
    import httpx

    return httpx.create_ssl_context()


def origin(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port of a URL, which together make a server.

    Examples
    --------
    >>> origin("https://Queue.Bank/a") == origin("https://u:p@queue.bank:443/b?c=d")
    True
    """
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    try:
        port = parts.port
    except ValueError:
        port = None
    return scheme, (parts.hostname or "").lower(), port or {"http": 80, "https": 443}.get(scheme)


def _retry_after(answer: Answer) -> float | None:
    """Return how long the server asks to wait [s], as a number or a date, where it says so."""
    given = answer.headers.get("retry-after", "").strip()
    if answer.status not in PASSING or not given:
        return None
    if given.isdigit():
        return float(given)
    try:
        until = parsedate_to_datetime(given)
    except ValueError:
        return None
    until = until.replace(tzinfo=UTC) if until.tzinfo is None else until
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _said(error: Exception) -> str:
    """Say what went wrong in words of our own; the library's may hold the address."""
    words = {
        "ConnectError": "no connection",
        "ConnectTimeout": "no connection in time",
        "ReadTimeout": "no answer in time",
        "ReadError": "the connection broke off",
        "RemoteProtocolError": "the answer broke off or is no HTTP",
        "DecodingError": "the answer cannot be unpacked",
    }
    name = type(error).__name__
    return f"{words[name]} ({name})" if name in words else name
