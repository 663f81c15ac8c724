"""The protocol of a feed: a source that is asked over a wire and that remembers how far it got.

A feed hands over a `branchwise.sources.model.Delivery` as an adapter does. What it must remember
until the next load stands in a folder of the workspace, and changes only when the loader calls
`Delivery.settle`, after the rows are in a published snapshot: a load that is stopped at any
moment before asks for the same rows again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from branchwise.core.clock import Clock, system_clock
from branchwise.core.ports import Engine
from branchwise.core.progress import Progress, silent
from branchwise.sources.feeds.address import Address
from branchwise.sources.model import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a feed is asked for.

    Attributes
    ----------
    address : Address or None
        Where; None where the mapping says it.
    mapping : Path
        The mapping file.
    kept : Path
        Folder of the workspace for what is remembered; it may not exist yet.
    is_full : bool
        Ask for everything, whatever was loaded before.
    clock : callable
        The present instant.
    environment : mapping of str to str or None
        Where secrets come from; None for the environment of the process.
    progress : Progress
        Where the work tells how far it is.
    """

    address: Address | None
    mapping: Path
    kept: Path
    is_full: bool = False
    clock: Clock = system_clock
    environment: Mapping[str, str] | None = field(default=None, repr=False)
    progress: Progress = field(default_factory=silent)


class Feed(Protocol):
    """Reads one kind of source over a wire."""

    @property
    def name(self) -> str:
        """Name under which people ask for it."""
        ...

    def read(self, asking: Asking, engine: Engine, *, scratch: Path) -> Delivery:
        """Ask the source and make what came relations of the engine.

        Parameters
        ----------
        asking : Asking
            What is asked for.
        engine : Engine
            Where the relations are made.
        scratch : Path
            A folder that must stay until the relations have been read.

        Raises
        ------
        BranchwiseError
            If nothing at all can be read, or the mapping is wrong: all problems at once.
        """
        ...


Settle = Callable[[], None]


def settle_all(settles: tuple[Settle, ...]) -> None:
    """Settle what several entries of a mapping left behind, one after the other."""
    for settle in settles:
        settle()
