"""Who reads what a load is given: an adapter at a path, or a feed at an address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from branchwise.core.clock import Clock, system_clock
from branchwise.core.errors import Where, failure
from branchwise.core.ports import Engine
from branchwise.core.progress import Progress
from branchwise.sources.feeds.address import Address, is_address, read_address, without_secrets
from branchwise.sources.feeds.model import Asking
from branchwise.sources.feeds.registry import FEEDS, feed, feed_for
from branchwise.sources.model import Delivery
from branchwise.sources.registry import adapter as adapter_named

FILES = "files"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How a delivery is read.

    Attributes
    ----------
    shown : str
        Where it comes from, as it may be shown: without user, password and query.
    adapter : str
        Name of the adapter or feed.
    read : callable
        Reads the delivery into an engine, with a scratch folder.
    """

    shown: str
    adapter: str
    read: Callable[[Engine, Path], Delivery]


def reader_of(
    source: Path | str | None,
    *,
    adapter: str | None,
    mapping: Path | None,
    kept: Path,
    progress: Progress,
    is_full: bool = False,
    options: Mapping[str, str] | None = None,
    clock: Clock = system_clock,
) -> Reader:
    """Find who reads a source.

    Parameters
    ----------
    source : Path, str or None
        A path, a URL, ``env:NAME`` for a URL in the environment, or None where the mapping says.
    adapter : str or None
        An adapter or feed by name; None to go by the source and its mapping.
    mapping : Path or None
        The mapping file.
    kept : Path
        Folder of the workspace in which feeds remember how far they got.
    progress : Progress
        Where reading tells how far it is.
    is_full : bool
        Ask a feed for everything, whatever was loaded before.
    options : mapping of str to str, optional
        What an adapter of files is told besides the path.
    clock : callable
        The present instant.

    Raises
    ------
    BranchwiseError
        [BW-SRC-001] if there is no such adapter, [BW-SRC-003] if a feed has no mapping,
        [BW-SRC-058] if nothing says what to load, [BW-SRC-059] to [BW-SRC-061] for an address.
    """
    source = source.strip() if isinstance(source, str) else source
    address = _address_of(source)
    wanted = feed_for(mapping, address) if adapter is None else adapter
    if wanted is not None and wanted in FEEDS:
        if mapping is None:
            raise failure("BW-SRC-003", Where(place=wanted), path="–")
        if address is None and source is not None:
            raise failure("BW-SRC-061", Where(place=mapping.name), shown=source)
        asking = Asking(
            address=address, mapping=mapping, kept=kept, is_full=is_full, clock=clock,
            progress=progress,
        )  # fmt: skip
        asked = feed(wanted)
        return Reader(
            shown=mapping.name if address is None else address.shown,
            adapter=wanted,
            read=lambda engine, scratch: asked.read(asking, engine, scratch=scratch),
        )
    if source is None:
        raise failure("BW-SRC-058")
    if address is not None:  # adapters read paths, and would show the address as one
        raise failure("BW-SRC-059", Where(place=address.shown), shown=address.shown)
    return _of_files(Path(source), adapter or FILES, mapping, options or {})


def _address_of(source: Path | str | None) -> Address | None:
    """Return the address given, None for a path; a mistyped address may hold a password."""
    if source is None:
        return None
    if is_address(source):
        return read_address(str(source))
    shown = without_secrets(str(source))
    if shown != str(source) and not Path(source).exists():
        raise failure("BW-SRC-061", Where(place=shown), shown=shown)
    return None


def _of_files(path: Path, name: str, mapping: Path | None, options: Mapping[str, str]) -> Reader:
    reader = adapter_named(name, options)

    def read(engine: Engine, scratch: Path) -> Delivery:
        return reader.read(path, engine, mapping=mapping, scratch=scratch)

    return Reader(shown=str(path), adapter=name, read=read)
