"""A folder for rows on their way in; what a killed process left behind is removed by the next."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path

PREFIX = "branchwise-rows-"
YOUNGEST_SECONDS = 60.0


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Open a private folder in the folder for temporary files, and remove it at the end.

    The folder holds rows as the bank delivered them, identities included, so it must not outlive
    its process. One that was killed cannot remove it: the folder is locked while its process
    lives, and whoever opens another one removes those of the same user that nobody holds.

    Examples
    --------
    >>> with scratch_folder() as folder:
    ...     folder.is_dir()
    True
    >>> folder.exists()
    False
    """
    _remove_orphans(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=PREFIX) as made:
        held = os.open(made, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_SH)
            yield Path(made)
        finally:
            os.close(held)


def folder_of_process() -> Path:
    """Return the private folder of this process for rows that do not fit into memory.

    It is made once, and removed when the process ends; after a kill, by the next process.

    Examples
    --------
    >>> folder_of_process() == folder_of_process()
    True
    """
    return _folder_of(os.getpid())


@cache
def _folder_of(_process: int) -> Path:
    stack = ExitStack()
    folder = stack.enter_context(scratch_folder())
    atexit.register(stack.close)
    return folder


def _remove_orphans(parent: Path) -> None:
    """Remove folders of killed processes; one made a moment ago may not be locked yet."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            state = folder.lstat()
            is_ours = folder.is_dir() and not folder.is_symlink() and state.st_uid == os.geteuid()
            if is_ours and time.time() - state.st_ctime >= YOUNGEST_SECONDS:
                _remove_unless_held(folder)


def _remove_unless_held(folder: Path) -> None:
    held = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(held)
