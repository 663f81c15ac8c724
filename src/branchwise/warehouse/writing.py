"""One write to the store: rows staged in files, then published all at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from branchwise.core.errors import failure
from branchwise.core.ports import Engine
from branchwise.warehouse import delta, snapshots, upsert
from branchwise.warehouse.columns import (
    SYSTEM_COLUMNS,
    register_files,
    selection,
    stored_columns,
    stored_schema,
)
from branchwise.warehouse.files import keep_file, write_whole
from branchwise.warehouse.recovery import LOADS, TABLES, storing
from branchwise.warehouse.snapshots import Snapshot

_CHANGED = "warehouse_changed"
_STORED = "warehouse_stored"
_INCOMING = "warehouse_incoming"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upserted:
    """What an upsert did to a table.

    Attributes
    ----------
    added, replaced, unchanged : int
        Incoming rows with a new key; with a stored key and other values; equal to the stored row.
    """

    added: int
    replaced: int
    unchanged: int


@dataclass(slots=True)
class _Staged:
    added: dict[Path, int] = field(default_factory=dict)
    removed: list[Path] = field(default_factory=list)


class Writing:
    """The open write; made by `Warehouse.writing`.

    Attributes
    ----------
    load_id : str
        Code of this load; put into the rows' ``load_id``.
    base : Snapshot
        What it started from.
    """

    def __init__(
        self,
        *,
        root: Path,
        engine: Engine,
        base: Snapshot,
        load_id: str,
        files: Callable[[Snapshot, str], Sequence[Path]],
    ) -> None:
        self.load_id = load_id
        self.base = base
        self._root = root
        self._engine = engine
        self._base_files = files
        self._staged: dict[str, _Staged] = {}
        self._replaced_whole: set[str] = set()
        self._written = 0

    @property
    def changed(self) -> tuple[str, ...]:
        """Tables that differ from the base snapshot so far."""
        return tuple(sorted(table for table, it in self._staged.items() if it.added or it.removed))

    def register(self, tables: Sequence[str], prefix: str = "") -> None:
        """Make tables as they will be after `publish` relations ``<prefix><table>``."""
        for table in tables:
            register_files(self._engine, prefix + table, self._files(table), table)

    def upsert(self, table: str, rows: str, *, keeps_old: bool = True) -> Upserted:
        """Bring rows into a table by its key.

        Parameters
        ----------
        table : str
            A canonical table.
        rows : str
            A relation with the table's declared columns and at most one row a key;
            ``data_source_id`` and ``load_id`` are null and this load where it has none.
        keeps_old : bool
            Whether replaced rows go to ``repair``.

        Returns
        -------
        Upserted
            Equal rows are not written again; of differing rows the incoming one stays, and the
            stored one goes to ``repair`` as JSON under the rule ``superseded``.

        Raises
        ------
        BranchwiseError
            [BW-WHS-005] if the disk refuses, [BW-WHS-011] if `rows` lacks a column.
        """
        self._bring(table, rows)
        count = self._count(_INCOMING)
        files = self._files(table)
        if not files:
            return Upserted(
                added=self._write(table, f"SELECT * FROM {_INCOMING}"),  # noqa: S608
                replaced=0,
                unchanged=0,
            )
        with storing(self._root, table):
            self._define_stored(table, files)
            changed = self._engine.materialise(_CHANGED, upsert.changes(table, _INCOMING, _STORED))
        hit = self._hit_files()
        replaced = self._count(f"{_CHANGED} WHERE stored_file IS NOT NULL") if hit else 0
        if hit:
            self._supersede(table, hit, keeps_old=keeps_old)
        if changed:
            self._write(table, f"SELECT * EXCLUDE (stored_file) FROM {_CHANGED}")  # noqa: S608
        self._engine.drop(_CHANGED)
        return Upserted(added=changed - replaced, replaced=replaced, unchanged=count - changed)

    def append(self, table: str, rows: str) -> int:
        """Add rows that are not stored yet, counting equal rows, and return their number.

        The key and ``load_id`` do not count in the comparison, so that a second load of the same
        files adds no repair and no quarantined row.
        """
        self._bring(table, rows)
        files = self._files(table)
        if not files:
            return self._write(table, f"SELECT * FROM {_INCOMING}")  # noqa: S608
        register_files(self._engine, _STORED, files, table)
        return self._write(table, upsert.not_yet_there(table, _INCOMING, _STORED))

    def replace(self, table: str, rows: str) -> int:
        """Make rows the whole content of a derived table and return their number.

        Rows equal to the stored ones (``load_id`` aside) leave the table as it is.
        """
        self._bring(table, rows)
        files = self._files(table)
        register_files(self._engine, _STORED, files, table)
        differences = self._engine.table(upsert.are_equal(table, _INCOMING, _STORED))
        if differences.column(0)[0].as_py() == 0:
            return self._count(_INCOMING)
        for path in files:
            self._remove(table, path)
        self._replaced_whole.add(table)
        return self._write(table, f"SELECT * FROM {_INCOMING}")  # noqa: S608

    def publish(self, report: Callable[[Snapshot], str] | None = None) -> Snapshot:
        """Make everything written so far the current snapshot, all at once; the last call.

        Parameters
        ----------
        report : callable, optional
            Gives the text (JSON) kept as ``loads/<load_id>.json`` with the snapshot.

        Returns
        -------
        Snapshot
            The new snapshot; the base snapshot if nothing changed, and then nothing is written.

        Raises
        ------
        BranchwiseError
            [BW-WHS-005] if the disk refuses; the base snapshot stays the current one.
        """
        if not self.changed:
            return self.base
        now = datetime.now(tz=UTC)
        versions = dict(self.base.versions)
        for table in self.changed:
            with storing(self._root, table):
                versions[table] = self._commit(table, int(now.timestamp() * 1000))
        snapshot = self._snapshot(versions, now)
        with storing(self._root, snapshot.snapshot_id):
            if report is not None:
                (self._root / LOADS).mkdir(exist_ok=True)
                write_whole(self._root / LOADS / f"{self.load_id}.json", report(snapshot))
            snapshots.publish(self._root, snapshot)
        for table in self.changed:
            delta.checkpoint(self._root / TABLES / table, versions[table])
        self.base = snapshot
        self._staged.clear()
        self._replaced_whole.clear()
        return snapshot

    def _snapshot(self, versions: dict[str, int], now: datetime) -> Snapshot:
        named = json.dumps([self.base.snapshot_id, self.load_id, sorted(versions.items())])
        digest = hashlib.sha256(named.encode()).hexdigest()[:8]
        number = self.base.number + 1
        snapshot_id = f"S{number:06d}-{digest}"
        derived_only = set(self.changed) <= self._replaced_whole
        return Snapshot(
            snapshot_id=snapshot_id,
            number=number,
            created_at=now.isoformat(timespec="seconds"),
            load_id=self.load_id,
            parent=self.base.snapshot_id,
            data_id=self.base.data_id if derived_only else snapshot_id,
            versions=versions,
        )

    def _commit(self, table: str, at_milliseconds: int) -> int:
        staged = self._staged[table]
        return delta.commit(
            self._root / TABLES / table,
            stored_schema(table),
            added=staged.added,
            removed=staged.removed,
            version=self.base.versions.get(table),
            load_id=self.load_id,
            at_milliseconds=at_milliseconds,
        )

    def _bring(self, table: str, rows: str) -> None:
        given = self._engine.columns(f"SELECT * FROM {rows}")  # noqa: S608
        missing = [
            name
            for name in stored_columns(table)
            if name not in given and name not in SYSTEM_COLUMNS
        ]
        if missing:
            raise failure("BW-WHS-011", table=table, missing=", ".join(missing))
        source = rows
        if "load_id" not in given:
            source = f"(SELECT *, '{self.load_id}' AS load_id FROM {rows})"  # noqa: S608
            given["load_id"] = "VARCHAR"
        self._engine.define(_INCOMING, f"SELECT {selection(table, given)} FROM {source}")  # noqa: S608

    def _define_stored(self, table: str, files: Sequence[Path]) -> None:
        source = upsert.reading(files)
        given = self._engine.columns(f"SELECT * FROM {source}")  # noqa: S608
        listed = selection(table, given)
        self._engine.define(_STORED, f"SELECT {listed}, filename FROM {source}")  # noqa: S608

    def _hit_files(self) -> list[Path]:
        query = (
            f"SELECT DISTINCT stored_file FROM {_CHANGED} "  # noqa: S608
            "WHERE stored_file IS NOT NULL ORDER BY 1"
        )
        return [Path(name) for name in self._engine.table(query).column(0).to_pylist()]

    def _supersede(self, table: str, hit: Sequence[Path], *, keeps_old: bool) -> None:
        if keeps_old:
            repairs = upsert.superseded(table, _CHANGED, _STORED, self.load_id)
            listed = selection("repair", self._engine.columns(repairs))
            self._write("repair", f"SELECT {listed} FROM ({repairs})")  # noqa: S608
        for path in hit:
            self._write(table, upsert.survivors(table, path, _CHANGED, _STORED))
        for path in hit:
            self._remove(table, path)

    def _write(self, table: str, query: str) -> int:
        folder = self._root / TABLES / table
        path = folder / f"{self.load_id}-{self._written:04d}.parquet"
        with storing(self._root, table):
            folder.mkdir(parents=True, exist_ok=True)
            rows = self._engine.write_parquet(query, path)
            if not rows:
                path.unlink(missing_ok=True)
                return 0
            keep_file(path)
        self._written += 1
        self._staged.setdefault(table, _Staged()).added[path] = rows
        return rows

    def _remove(self, table: str, path: Path) -> None:
        staged = self._staged.setdefault(table, _Staged())
        if path in staged.added:
            del staged.added[path]
            path.unlink()
        else:
            staged.removed.append(path)

    def _files(self, table: str) -> tuple[Path, ...]:
        staged = self._staged.get(table, _Staged())
        kept = [path for path in self._base_files(self.base, table) if path not in staged.removed]
        return (*kept, *staged.added)

    def _count(self, rows: str) -> int:
        counted = self._engine.table(f"SELECT count(*) FROM {rows}")  # noqa: S608
        return int(counted.column(0)[0].as_py())
