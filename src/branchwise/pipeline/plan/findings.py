"""Findings that a plan starts from, made once for the same data and assumptions."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from branchwise import __version__
from branchwise.core.progress import Progress
from branchwise.pipeline.diagnose import diagnose
from branchwise.plan.model import Finding, Settings
from branchwise.warehouse.files import write_whole
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace

FOLDER = "findings"


def findings(workspace: Path, *, progress: Progress) -> tuple[Finding, ...]:
    """Return the findings of the current data; diagnosed where that has not been done.

    An answer to an option changes neither data nor assumptions, so nothing is diagnosed again.

    Parameters
    ----------
    workspace : Path
        The workspace.
    progress : Progress
        Where the work tells how far it is.

    Raises
    ------
    BranchwiseError
        As `branchwise.pipeline.diagnose.diagnose`.
    """
    opened = Workspace.open(workspace)
    data_id = Warehouse(opened.warehouse).snapshot().data_id
    rests_on = (data_id, opened.read_assumptions(), Settings(), __version__)
    name = hashlib.blake2b(repr(rests_on).encode(), digest_size=12).hexdigest()
    path = opened.plans / FOLDER / f"{name}.json"
    if path.is_file():
        try:
            return _read(path.read_bytes())
        except ValueError:
            path.unlink()
    found = tuple(diagnose(workspace, progress=progress).diagnosis.findings)
    written = _adapter().dump_json(found)
    if _is_whole(written, found):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, written.decode())
    return found


def _is_whole(written: bytes, found: tuple[Finding, ...]) -> bool:
    """Say whether what is written says the same: an endless number would not."""
    try:
        return _read(written) == found
    except ValueError:
        return False


def _read(text: bytes) -> tuple[Finding, ...]:
    found: tuple[Finding, ...] = _adapter().validate_json(text)
    return found


@cache
def _adapter() -> Any:  # noqa: ANN401 - of the validator library
    from pydantic import TypeAdapter

    return TypeAdapter(tuple[Finding, ...])
