"""The feeds by name, and which one an address and a mapping call for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import cast

from branchwise.core.errors import Where, failure
from branchwise.sources.feeds.address import Address
from branchwise.sources.feeds.model import Feed
from branchwise.sources.feeds.sections import read_toml

FEEDS: Mapping[str, str] = {
    "database": "branchwise.sources.database.feed:DatabaseFeed",
    "api": "branchwise.sources.api.feed:ApiFeed",
    "web": "branchwise.sources.web.feed:WebFeed",
}
ENTRIES: Mapping[str, str] = {"query": "database", "request": "api", "page": "web"}


def feed(name: str) -> Feed:
    """Return the feed of a name.

    Examples
    --------
    >>> feed("database").name
    'database'
    """
    module, _, attribute = FEEDS[name].partition(":")
    return cast("Feed", getattr(import_module(module), attribute)())


def feed_for(mapping: Path | None, address: Address | None) -> str | None:
    """Return the name of the feed that a mapping is written for; None where it is for files.

    Parameters
    ----------
    mapping : Path or None
        The mapping file.
    address : Address or None
        Where the source is asked.

    Raises
    ------
    BranchwiseError
        [BW-SRC-059] if there is an address and no mapping, or one for files; as `read_toml`.
    """
    given = {} if mapping is None else read_toml(mapping)
    named = next((name for entry, name in ENTRIES.items() if entry in given), None)
    if address is not None and named is None:
        raise failure("BW-SRC-059", Where(place=address.shown), shown=address.shown)
    return named
