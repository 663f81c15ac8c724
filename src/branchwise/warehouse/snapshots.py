"""Snapshots: small files that name the version of every table, and one name that is current."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from branchwise.core.errors import BranchwiseError, Where, failure
from branchwise.warehouse.files import write_whole

FORMAT = 1
CURRENT = "CURRENT"
FOLDER = "snapshots"
EMPTY_ID = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The state of every table after one load.

    Attributes
    ----------
    snapshot_id : str
        ``S00012-1f3a9c5e``, or ``empty`` before the first load.
    number : int
        How many snapshots came before.
    created_at : str
        UTC instant in ISO 8601; empty for the empty snapshot.
    load_id : str
        The load that published it.
    parent : str or None
        The snapshot it was made from.
    data_id : str
        The newest snapshot of the line that changed loaded rows; a snapshot that only replaced
        derived tables (``finding``, ``measure_value``) keeps its parent's.
    versions : mapping of str to int
        Delta version of each table that has one.
    """

    snapshot_id: str
    number: int
    created_at: str
    load_id: str
    parent: str | None
    data_id: str
    versions: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the snapshot as a JSON object."""
        return {
            "format": FORMAT,
            "snapshot_id": self.snapshot_id,
            "number": self.number,
            "created_at": self.created_at,
            "load_id": self.load_id,
            "parent": self.parent,
            "data_id": self.data_id,
            "versions": dict(sorted(self.versions.items())),
        }


EMPTY = Snapshot(
    snapshot_id=EMPTY_ID, number=0, created_at="", load_id="", parent=None, data_id=EMPTY_ID
)


def snapshot_ids(root: Path) -> tuple[str, ...]:
    """Return the codes of all snapshot files of a warehouse, oldest first."""
    return tuple(sorted(path.stem for path in (root / FOLDER).glob("S*.json")))


def read_current(root: Path) -> Snapshot:
    """Return the current snapshot of a warehouse; the empty one before the first load.

    Raises
    ------
    BranchwiseError
        [BW-WHS-007] if the name of the current snapshot cannot be read or names none;
        otherwise as `read_snapshot`.
    """
    path = root / CURRENT
    try:
        named = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        if not snapshot_ids(root):
            return EMPTY
        raise _damaged_current(root, "missing") from None
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged_current(root, str(error)) from error
    if named != EMPTY_ID and named not in snapshot_ids(root):
        raise _damaged_current(root, repr(named[:80]))
    return read_snapshot(root, named)


def read_snapshot(root: Path, snapshot_id: str) -> Snapshot:
    """Return one snapshot by its code.

    Raises
    ------
    BranchwiseError
        [BW-WHS-008] if there is none, [BW-WHS-009] if a newer program made it, [BW-WHS-010] if
        its file is damaged.
    """
    if snapshot_id == EMPTY_ID:
        return EMPTY
    known = snapshot_ids(root)
    if snapshot_id not in known:
        raise failure("BW-WHS-008", snapshot_id=snapshot_id, known=", ".join(known[-10:]) or "–")
    path = root / FOLDER / f"{snapshot_id}.json"
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        found = kept.pop("format")
        if isinstance(found, int) and found > FORMAT:
            raise failure(
                "BW-WHS-009",
                Where(place=str(path)),
                snapshot_id=snapshot_id,
                found=found,
                known=FORMAT,
            )
        kept["versions"] = {str(name): int(at) for name, at in kept["versions"].items()}
        return Snapshot(**kept)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise failure(
            "BW-WHS-010", Where(place=str(path)), snapshot_id=snapshot_id, reason=str(error)
        ) from error


def publish(root: Path, snapshot: Snapshot) -> None:
    """Write a snapshot and make it the current one, by one atomic rename.

    Raises
    ------
    OSError
        If it cannot be written; then the old one stays current.
    """
    text = json.dumps(snapshot.as_json(), indent=1, ensure_ascii=False)
    write_whole(root / FOLDER / f"{snapshot.snapshot_id}.json", text + "\n")
    try:
        write_whole(root / CURRENT, snapshot.snapshot_id + "\n")
    except OSError:
        # An error after the rename comes too late: the snapshot is published.
        if read_current(root) != snapshot:
            raise


def begin(root: Path) -> None:
    """Make the folders of a warehouse, with the empty snapshot as the current one."""
    (root / FOLDER).mkdir(parents=True, exist_ok=True)
    if not (root / CURRENT).exists() and not snapshot_ids(root):
        write_whole(root / CURRENT, EMPTY_ID + "\n")


def _damaged_current(root: Path, reason: str) -> BranchwiseError:
    newest = next(
        (found for found in reversed(snapshot_ids(root)) if _is_whole(root, found)), EMPTY_ID
    )
    path = root / CURRENT
    return failure("BW-WHS-007", Where(place=str(path)), reason=reason, current=path, newest=newest)


def _is_whole(root: Path, snapshot_id: str) -> bool:
    try:
        read_snapshot(root, snapshot_id)
    except BranchwiseError:
        return False
    return True
