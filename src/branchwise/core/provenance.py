"""Where a result comes from: which data, which seed, which program, how long it took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from branchwise import __version__


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What a result was computed from, enough to compute it again.

    Attributes
    ----------
    snapshot_id : str or None
        Snapshot of the warehouse that was read; None where none was.
    seed : int or None
        Seed of all chance in the result; None where chance had no part.
    seconds : float or None
        Wall time of the work [s]; None until it ended.
    version : str
        Version of branchwise.

    Examples
    --------
    >>> Provenance(snapshot_id="000003", seed=7).as_json()["snapshot_id"]
    '000003'
    """

    snapshot_id: str | None = None
    seed: int | None = None
    seconds: float | None = None
    version: str = __version__

    def as_json(self) -> dict[str, object]:
        """Return the record as a JSON object."""
        return {
            "snapshot_id": self.snapshot_id,
            "seed": self.seed,
            "seconds": None if self.seconds is None else round(self.seconds, 3),
            "version": self.version,
        }

    def lasting(self, seconds: float) -> Provenance:
        """Return the record with the wall time of the work [s]."""
        return replace(self, seconds=seconds)


class Stopwatch:
    """Wall time since the beginning of a block [s]."""

    def __init__(self) -> None:
        self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Wall time so far [s]."""
        return time.perf_counter() - self._began


@contextmanager
def stopwatch() -> Iterator[Stopwatch]:
    """Measure the wall time of a block.

    Examples
    --------
    >>> with stopwatch() as watch:
    ...     total = sum(range(10))
    >>> watch.seconds >= 0
    True
    """
    yield Stopwatch()
