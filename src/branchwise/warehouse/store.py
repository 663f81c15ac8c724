"""The versioned store of canonical tables: readers open snapshots, one writer makes the next."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from branchwise.core.ports import Engine
from branchwise.tables.spec import table_names
from branchwise.warehouse import delta, snapshots
from branchwise.warehouse.columns import register_files
from branchwise.warehouse.lock import WAIT_SECONDS, writer_lock
from branchwise.warehouse.recovery import LOADS, TABLES, begin, recover, storing
from branchwise.warehouse.snapshots import Snapshot
from branchwise.warehouse.writing import Writing


class Warehouse:
    """The store in one folder.

    Parameters
    ----------
    root : Path
        The folder; nothing is made before something is written.

    Examples
    --------
    >>> import tempfile
    >>> from branchwise.engines.duckdb import open_duckdb
    >>> warehouse = Warehouse(Path(tempfile.mkdtemp()) / "warehouse")
    >>> with open_duckdb() as engine:
    ...     named = "'R1' AS region_id, 'North' AS name, 'CN' AS country"
    ...     engine.define("rows", f"SELECT {named}, NULL AS parent_region_id")
    ...     with warehouse.writing(engine) as writing:
    ...         print(writing.upsert("region", "rows").added)
    ...         _ = writing.publish()
    ...     warehouse.register(engine, warehouse.snapshot(), ["region"])
    ...     engine.table("SELECT region_id, name FROM region").to_pylist()
    1
    [{'region_id': 'R1', 'name': 'North'}]
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def loads(self) -> Path:
        """Folder of the load reports, one file a load that changed something."""
        return self.root / LOADS

    def snapshot(self, snapshot_id: str | None = None) -> Snapshot:
        """Return a snapshot by its code, or the current one; never waits for a writer.

        Raises
        ------
        BranchwiseError
            [BW-WHS-007] to [BW-WHS-010]: see `snapshots`.
        """
        if snapshot_id is None:
            return snapshots.read_current(self.root)
        return snapshots.read_snapshot(self.root, snapshot_id)

    def line(self, snapshot: Snapshot) -> tuple[Snapshot, ...]:
        """Return a snapshot and all that it was made from, newest first."""
        found = []
        while snapshot.parent is not None:
            found.append(snapshot)
            snapshot = self.snapshot(snapshot.parent)
        return tuple(found)

    def files(self, snapshot: Snapshot, table: str) -> tuple[Path, ...]:
        """Return the Parquet files of one table in a snapshot.

        Raises
        ------
        BranchwiseError
            [BW-WHS-010] if one of them is missing.
        """
        version = snapshot.versions.get(table)
        return () if version is None else delta.files_of(self.root / TABLES / table, version)

    def register(
        self, engine: Engine, snapshot: Snapshot, tables: Sequence[str] | None = None
    ) -> None:
        """Make tables of a snapshot relations under their canonical names.

        A table without rows is an empty relation; columns come in the order of `stored_columns`,
        and a column that is younger than the stored rows is null.
        """
        for table in table_names() if tables is None else tables:
            register_files(engine, table, self.files(snapshot, table), table)

    @contextmanager
    def writing(
        self,
        engine: Engine,
        *,
        wait_seconds: float = WAIT_SECONDS,
        tell: Callable[[str], None] | None = None,
    ) -> Iterator[Writing]:
        """Take the only right to write and start from the current snapshot.

        What an earlier writer left behind when it was stopped is cleaned first. If the block
        ends without `Writing.publish`, nothing has changed.

        Parameters
        ----------
        engine : Engine
            Where the rows to be written are relations.
        wait_seconds : float
            How long to wait for another writer [s].
        tell : callable, optional
            Told once in words when there is another writer; stderr by default.

        Raises
        ------
        BranchwiseError
            [BW-WHS-004] if the folder cannot be written, [BW-WHS-005] if the disk is full or
            fails, [BW-WHS-006] if another writer goes on for too long.
        """
        with storing(self.root, str(self.root)):
            snapshots.begin(self.root)
            lock = (self.root / "lock").open("a+", encoding="utf-8")
        with lock, writer_lock(lock, wait_seconds=wait_seconds, tell=tell):
            writing = self._start(engine)
            try:
                yield writing
            finally:
                with suppress(OSError):
                    recover(self.root)

    def _start(self, engine: Engine) -> Writing:
        with storing(self.root, str(self.root)):
            recover(self.root)
            writing = Writing(
                root=self.root,
                engine=engine,
                base=self.snapshot(),
                load_id=new_load_id(),
                files=self.files,
            )
            begin(self.root, writing.load_id)
            return writing


def new_load_id() -> str:
    """Return a code for a load: its instant and three random bytes."""
    return f"{datetime.now(tz=UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
