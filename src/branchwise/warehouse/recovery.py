"""What becomes of a writer that was stopped: its files and versions are taken away.

A writer names itself in the file ``WRITING`` before it writes anything. Whoever holds the lock
and finds that file knows what an earlier writer left behind; nothing else is ever deleted.
"""

from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from branchwise.core.errors import BranchwiseError, Where, failure
from branchwise.warehouse import delta, snapshots
from branchwise.warehouse.files import write_whole

TABLES = "tables"
LOADS = "loads"
MARKER = "WRITING"
_LOAD_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_FORBIDDEN_WORDS = ("permission denied", "read-only file system", "operation not permitted")
_DISK_WORDS = (
    "no space left",
    "file too large",
    "quota exceeded",
    "input/output error",
    "could not write",
    "out of disk space",
)


def begin(root: Path, load_id: str) -> None:
    """Name the load that is about to write."""
    write_whole(root / MARKER, load_id + "\n")


def recover(root: Path) -> None:
    """Take away what an unpublished load wrote; call it while holding the lock.

    It may itself be stopped at any moment: what is left is done by the next call.
    """
    marker = root / MARKER
    if not marker.exists():
        return
    load_id = marker.read_text(encoding="utf-8", errors="replace").strip()
    current = snapshots.read_current(root)
    if current.load_id != load_id:
        pattern = f"*{load_id}*" if _LOAD_ID.fullmatch(load_id) else "/"
        for folder in sorted((root / TABLES).glob("*")):
            _restore(folder, current.versions.get(folder.name), pattern)
        _drop_snapshots(root, load_id)
        (root / LOADS / f"{load_id}.json").unlink(missing_ok=True)
    for path in (*root.glob(".*.new"), *root.glob("*/.*.new")):
        path.unlink()
    marker.unlink()


@contextmanager
def storing(root: Path, step: str) -> Iterator[None]:
    """Explain what the disk refuses during one step of writing.

    Raises
    ------
    BranchwiseError
        [BW-WHS-004] if writing is not allowed, [BW-WHS-005] if the disk is full or fails. Other
        errors pass as they are.
    """
    try:
        yield
    except BranchwiseError:
        raise
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if _is(error, _FORBIDDEN, _FORBIDDEN_WORDS):
            raise failure("BW-WHS-004", Where(place=str(root)), root=root, reason=reason) from error
        if not _is(error, _DISK, _DISK_WORDS):
            raise
        free = _free_mebibytes(root)
        raise failure(
            "BW-WHS-005", Where(place=str(root)), step=step, reason=reason, free=free
        ) from error


@contextmanager
def working(root: Path, step: str) -> Iterator[None]:
    """Explain a disk that fills while rows are unpacked or spilled, before they are stored.

    Raises
    ------
    BranchwiseError
        [BW-WHS-005] if the disk is full or fails. Other errors pass as they are.
    """
    try:
        yield
    except BranchwiseError:
        raise
    except Exception as error:
        if not _is(error, _DISK, _DISK_WORDS):
            raise
        with storing(root, step):
            raise


def _is(error: Exception, numbers: set[int], words: tuple[str, ...]) -> bool:
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in numbers
    text = str(error).lower()
    return any(word in text for word in words)


def _restore(folder: Path, version: int | None, pattern: str) -> None:
    delta.roll_back(folder, version)
    if pattern != "/":
        for path in folder.glob(pattern):
            path.unlink()
    if version is None:
        with suppress(OSError):
            folder.rmdir()


def _drop_snapshots(root: Path, load_id: str) -> None:
    for snapshot_id in snapshots.snapshot_ids(root):
        path = root / snapshots.FOLDER / f"{snapshot_id}.json"
        with suppress(BranchwiseError):
            if snapshots.read_snapshot(root, snapshot_id).load_id == load_id:
                path.unlink()


def _free_mebibytes(root: Path) -> str:
    folder = next((path for path in (root, *root.parents) if path.exists()), Path())
    return f"{shutil.disk_usage(folder).free // 2**20:,}"
