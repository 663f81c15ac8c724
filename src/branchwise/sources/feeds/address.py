"""Addresses of databases and servers, and what of them may be shown.

An address may hold a password. What people typed, what errors say, what is stored beside rows:
all of it uses `Address.shown`, and texts of other programs go through `Address.scrubbed` first.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import unquote

from branchwise.core.errors import Where, failure

ENVIRONMENT = "env:"
HIDDEN = "***"
SHORTEST_SECRET = 4
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-_]*://")
_SECRET_KEY = re.compile("pass|pwd|secret|token|key|sign|odbc_connect", re.IGNORECASE)
_MISTYPED = re.compile(rf"\S:\S*@|(?:{_SECRET_KEY.pattern})\w*\s*=", re.IGNORECASE)
_IN_TEXT = re.compile(r"\{env:([A-Za-z_]\w*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a source is asked.

    Attributes
    ----------
    url : str
        The whole URL, secrets included; never shown.
    shown : str
        What may be shown and stored: ``env:NAME``, or the URL without user, password and query.
    secrets : tuple of str
        Parts of the URL that must not be shown.
    """

    url: str = field(repr=False)
    shown: str
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def scheme(self) -> str:
        """What stands before ``://``, in small letters."""
        return self.url.partition("://")[0].lower()

    @property
    def fingerprint(self) -> str:
        """A short name of the place itself: the same for another user or password."""
        return sha256(without_secrets(self.url).encode()).hexdigest()[:12]

    def scrubbed(self, text: object) -> str:
        """Return the first line of a text of another program without any secret.

        Examples
        --------
        >>> read_address("postgresql://teller:s3cret@db/bank").scrubbed("login teller:s3cret?")
        'login ***?'
        """
        line = (str(text).strip().splitlines() or [""])[0]
        for secret in sorted(self.secrets, key=len, reverse=True):
            if secret in line and len(secret) < SHORTEST_SECRET:
                return HIDDEN  # what is left around a very short secret would tell it
            line = line.replace(secret, HIDDEN)
        return line


def is_address(given: object) -> bool:
    """Say whether what was given is an address, not a path.

    Examples
    --------
    >>> is_address("env:QUEUE_DB"), is_address("sqlite:///queue.db"), is_address("exports/march")
    (True, True, False)
    """
    text = str(given)
    return text.startswith(ENVIRONMENT) or _URL.match(text) is not None


def read_address(given: str, environment: Mapping[str, str] | None = None) -> Address:
    """Read an address, from the environment if it says so.

    Parameters
    ----------
    given : str
        A URL, or ``env:NAME`` for the URL in that environment variable.
    environment : mapping of str to str, optional
        The environment; that of the process by default.

    Raises
    ------
    BranchwiseError
        [BW-SRC-060] if there is no such variable, [BW-SRC-061] if it holds no URL.

    Examples
    --------
    >>> read_address("postgresql://teller:s3cret@db:5432/bank?sslmode=require").shown
    'postgresql://db:5432/bank'
    >>> read_address("env:QUEUE_DB", {"QUEUE_DB": "sqlite:///queue.db"}).shown
    'env:QUEUE_DB'
    """
    url = given
    shown = without_secrets(given)
    if given.startswith(ENVIRONMENT):
        url = variable(given.removeprefix(ENVIRONMENT), environment)
        shown = given
    if _URL.match(url) is None:
        raise failure("BW-SRC-061", Where(place=shown), shown=shown)
    return Address(url=url, shown=shown, secrets=_secrets(url))


def variable(name: str, environment: Mapping[str, str] | None = None) -> str:
    """Return the value of an environment variable.

    Raises
    ------
    BranchwiseError
        [BW-SRC-060] if it is not set or empty.

    Examples
    --------
    >>> variable("TOKEN", {"TOKEN": " abc "})
    'abc'
    """
    found = (os.environ if environment is None else environment).get(name, "").strip()
    if not found:
        raise failure("BW-SRC-060", Where(place=f"{ENVIRONMENT}{name}"), name=name)
    return found


def filled(text: str, environment: Mapping[str, str] | None = None) -> tuple[str, tuple[str, ...]]:
    """Return a text with each ``{env:NAME}`` in it replaced, and the values that came in.

    Examples
    --------
    >>> filled("Bearer {env:TOKEN}", {"TOKEN": "abcd"})
    ('Bearer abcd', ('abcd',))
    """
    secrets = tuple(variable(name, environment) for name in _IN_TEXT.findall(text))
    values = iter(secrets)
    return _IN_TEXT.sub(lambda _: next(values), text), secrets


def without_secrets(url: str) -> str:
    """Return a URL without user, password, query and fragment; of a mistyped one nothing.

    Examples
    --------
    >>> without_secrets("mysql://a:b@c@host/db?password=x"), without_secrets("exports/march")
    ('mysql://host/db', 'exports/march')
    >>> without_secrets("mysql:/a:b@host/db"), without_secrets("host=db password=b")
    ('***', '***')
    """
    scheme, parted, rest = url.partition("://")
    if not parted:
        return HIDDEN if _MISTYPED.search(url) else url
    head = re.split(r"[?#]", rest, maxsplit=1)[0]
    if "@" in head:
        return f"{scheme}://{head.rpartition('@')[2]}"
    if "@" in rest:  # a password with ? or # in it: nothing certain is left to show
        return f"{scheme}://{HIDDEN}"
    return f"{scheme}://{head}"


def _secrets(url: str) -> tuple[str, ...]:
    rest = url.partition("://")[2]
    found = [url, rest]
    if "@" in rest:
        login = rest.rpartition("@")[0]
        user, _, password = login.partition(":")
        found += [login, password]
        found += [user] if len(user) >= SHORTEST_SECRET else []
    for pair in rest.partition("?")[2].split("&"):
        key, _, value = pair.partition("=")
        found += [value] if _SECRET_KEY.search(key) else []
    found += [unquote(part) for part in found]
    return tuple(dict.fromkeys(part for part in found if part))
