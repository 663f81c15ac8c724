"""What Python calls of the kernel, compiled once and kept on disk.

The compiler's own cache looks only at the file of the function called; ours lies in a folder
named after the text of the whole kernel, so that no part of it is ever stale.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path

import numba
import numpy as np
from numba import njit

from branchwise.twin.kernel.day import live_day
from branchwise.twin.kernel.draws import numbered
from branchwise.twin.kernel.model import Model
from branchwise.twin.kernel.state import State
from branchwise.twin.kernel.tally import Tally, count_customers, count_steps


@cache
def cache_folder() -> Path:
    """Return the folder of this kernel's machine code, one for each text and processor."""
    text = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    digest = hashlib.blake2b(text + numba.__version__.encode(), digest_size=8).hexdigest()
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "branchwise" / f"kernel-{digest}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        folder = Path(tempfile.gettempdir()) / f"branchwise-{getpass.getuser()}-{digest}"
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def is_compiled() -> bool:
    """Return whether the kernel has been compiled on this machine before."""
    return any(cache_folder().rglob("*.nbi"))


def _live_days(  # noqa: PLR0917 - the compiler knows no keyword-only arguments
    model: Model, state: State, tally: Tally, seed: np.uint64, first: int, done: int
) -> int:
    for place in range(done, tally.by_class.shape[0]):
        day = first + place
        if not live_day(model, state, numbered(seed, day)):
            return place
        count_customers(model, state, tally, place, day % tally.waits.shape[0])
        count_steps(model, state, tally, place)
    return tally.by_class.shape[0]


_kept = numba.config.CACHE_DIR
numba.config.CACHE_DIR = str(cache_folder())
try:
    live_days = njit(nogil=True, cache=True, error_model="numpy")(_live_days)
finally:
    numba.config.CACHE_DIR = _kept
live_days.__doc__ = """Live through the days that a tally holds and count them, from one place on.

`seed` is the key of the seed, `first` the number of the day at place 0, `done` the place to go on
from. Returns the first place not done: the number of places, unless a day needs more room than
the state has.
"""
