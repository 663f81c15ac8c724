"""The Delta log of one table: which Parquet files make up which version.

The library `deltalake` writes and reads the log; the Parquet files themselves come from an
Engine. Deleting versions that were never published is the one thing done to a log by hand: the
versions after the last published one, newest first, so that what is left is whole at any moment.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Schema
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, RemoveAction, create_table_with_add_actions

from branchwise.core.errors import Where, failure
from branchwise.warehouse.files import keep_directory, keep_file

LOG = "_delta_log"
CHECKPOINT_EVERY = 20
# Versions are never forgotten behind our back: a plan names its snapshot and can be recomputed.
_CONFIGURATION = {"delta.enableExpiredLogCleanup": "false"}
_HOOK = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)


def files_of(folder: Path, version: int) -> tuple[Path, ...]:
    """Return the Parquet files of one version of a table, in order of name.

    Raises
    ------
    BranchwiseError
        [BW-WHS-010] if the log or one of the files is not there.
    """
    try:
        table = DeltaTable(_uri(folder), version=version)
        names = pa.table(table.get_add_actions(flatten=True)).column("path").to_pylist()
    except DeltaError as error:
        raise _damaged(folder, version, str(error)) from error
    found = tuple(sorted(folder / name for name in names))
    missing = [path.name for path in found if not path.is_file()]
    if missing:
        raise _damaged(folder, version, ", ".join(missing[:5]))
    return found


def commit(
    folder: Path,
    schema: pa.Schema,
    *,
    added: dict[Path, int],
    removed: Sequence[Path],
    version: int | None,
    load_id: str,
    at_milliseconds: int,
) -> int:
    """Commit files that are already in the folder and return the new version.

    Parameters
    ----------
    folder : Path
        The table's folder.
    schema : pyarrow.Schema
        Columns of the table; columns that the log does not know yet are added to it.
    added : dict of Path to int
        New files with their number of rows.
    removed : sequence of Path
        Files that are no longer part of the table; they stay for older versions.
    version : int or None
        The version to go on from; None makes the table.
    load_id : str
        Kept in the log with the commit.
    at_milliseconds : int
        Time of the commit [ms since 1970].
    """
    actions: list[Any] = [_add(path, rows, at_milliseconds) for path, rows in added.items()]
    noted = CommitProperties(custom_metadata={"load_id": load_id})
    if version is None:
        create_table_with_add_actions(
            _uri(folder),
            Schema.from_arrow(schema),
            actions,
            configuration=_CONFIGURATION,
            commit_properties=noted,
            post_commithook_properties=_HOOK,
        )
        return _kept(folder, 0)
    table = DeltaTable(_uri(folder))
    version += _widen(table, schema, noted)
    actions += [
        RemoveAction(path=path.name, data_change=True, deletion_timestamp=at_milliseconds)
        for path in removed
    ]
    table = DeltaTable(_uri(folder))
    table.create_write_transaction(
        actions,
        mode="append",
        schema=table.schema(),
        commit_properties=noted,
        post_commithook_properties=_HOOK,
    )
    return _kept(folder, version + 1)


def checkpoint(folder: Path, version: int) -> None:
    """Sum up the log of a published version now and then, so that it opens fast for ever.

    The log is whole without it, so that a disk that refuses it is no failure.
    """
    if version and version % CHECKPOINT_EVERY == 0:
        with suppress(OSError, DeltaError):
            DeltaTable(_uri(folder), version=version).create_checkpoint()


def roll_back(folder: Path, version: int | None) -> None:
    """Take the versions after `version` out of the log; None takes all of them."""
    kept = -1 if version is None else version
    log = folder / LOG
    for path in sorted(log.glob("*.json"), reverse=True):
        if path.stem.isdigit() and int(path.stem) > kept:
            path.unlink()
    for path in log.glob("*.tmp"):
        path.unlink()
    if version is None and log.is_dir():
        for path in log.iterdir():
            path.unlink()
        log.rmdir()


def _widen(table: DeltaTable, schema: pa.Schema, noted: CommitProperties) -> int:
    known = {entry.name for entry in table.schema().fields}
    new = [entry for entry in Schema.from_arrow(schema).fields if entry.name not in known]
    if new:
        table.alter.add_columns(new, commit_properties=noted, post_commithook_properties=_HOOK)
    return int(bool(new))


def _add(path: Path, rows: int, at_milliseconds: int) -> AddAction:
    return AddAction(
        path=path.name,
        size=path.stat().st_size,
        partition_values={},
        modification_time=at_milliseconds,
        data_change=True,
        stats=json.dumps({"numRecords": rows}),
    )


def _kept(folder: Path, version: int) -> int:
    keep_file(folder / LOG / f"{version:020d}.json")
    keep_directory(folder / LOG)
    keep_directory(folder)
    return version


def _damaged(folder: Path, version: int, reason: str) -> Exception:
    return failure(
        "BW-WHS-010",
        Where(place=str(folder)),
        snapshot_id=f"{folder.name} {version}",
        reason=reason,
    )


def _uri(folder: Path) -> str:
    # A plain path would have its per cent signs decoded.
    return folder.absolute().as_uri()
