"""One writer at a time: a lock that the operating system gives back when its holder dies."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from branchwise.core.errors import Where, failure

WAIT_SECONDS = 600.0
_PAUSE_SECONDS = 0.1


@contextmanager
def writer_lock(
    file: TextIO,
    *,
    wait_seconds: float = WAIT_SECONDS,
    tell: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Hold the only right to write for the length of the block.

    Parameters
    ----------
    file : text file
        The lock file, open for reading and writing; it stays between writers.
    wait_seconds : float
        How long to wait for another writer [s].
    tell : callable, optional
        Told once, in words, that there is another writer; writes to stderr by default.

    Raises
    ------
    BranchwiseError
        [BW-WHS-006] if the other writer is still at work after `wait_seconds`.
    """
    _take(file, wait_seconds, tell or _say)
    try:
        _sign(file, f"process {os.getpid()}")
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _take(file: TextIO, wait_seconds: float, tell: Callable[[str], None]) -> None:
    given_up_at = time.monotonic() + wait_seconds
    told = False
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read(200).strip()
        else:
            return
        if time.monotonic() >= given_up_at:
            raise failure(
                "BW-WHS-006", Where(place=file.name), seconds=f"{wait_seconds:g}", holder=holder
            )
        if not told:
            tell(f"waiting for another writer: {holder}")
            told = True
        time.sleep(_PAUSE_SECONDS)


def _sign(file: TextIO, text: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(text + "\n")
    file.flush()


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
