"""Stop a load at every step of its writing and look at what is left.

Run as a program: ``python -m tests.unit.warehouse.stopped FOLDER kill|fail STRIDE``. Each attempt
is a
process of its own, forked before any thread begins. Prints one JSON line an attempt.
"""

import errno
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from tests.unit.warehouse.rows import everything, load, read, regions

from branchwise.core.errors import BranchwiseError
from branchwise.engines.duckdb import DuckDBEngine
from branchwise.warehouse import delta
from branchwise.warehouse.store import Warehouse

BASE = regions(N="North", S="South")
NEXT = regions(N="Norden", W="West")
BASE_NAMES = [("North",), ("South",)]
NEXT_NAMES = [("Norden",), ("South",), ("West",)]
ENDLESS = 1000
STEPS: tuple[tuple[object, str], ...] = (
    (os, "fsync"),
    (os, "replace"),
    (os, "unlink"),
    (os, "mkdir"),
    (DuckDBEngine, "write_parquet"),
    (delta, "create_table_with_add_actions"),
    (delta.DeltaTable, "create_write_transaction"),
)


class Stopper:
    """Counts the steps of writing and stops before or after one of them."""

    def __init__(self, step: int, way: str) -> None:
        self.fired = False
        self._left = step
        self._way = way

    def install(self) -> None:
        for owner, name in STEPS:
            setattr(owner, name, self._wrapped(getattr(owner, name), name))

    def _wrapped(self, function: Callable, name: str) -> Callable:
        def step(*args, **kwargs):
            self._count(name, args)
            result = function(*args, **kwargs)
            self._count(name, args)
            return result

        return step

    def _count(self, name: str, args: tuple) -> None:
        self._left -= 1
        if self._left:
            return
        self.fired = True
        if self._way == "kill":
            if name == "write_parquet":
                Path(args[2]).write_bytes(b"PAR1 torn")
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(errno.ENOSPC, "No space left on device")


def attempt(root: Path, step: int, way: str) -> str:
    """Load rows that change a table and make another, and stop at one step."""
    stopper = Stopper(step, way)
    stopper.install()
    try:
        load(root, region=NEXT, product=[{"product_id": "P", "name": "Deposit"}])
    except BranchwiseError as error:
        return error.problems[0].code
    except OSError:
        return "OSError"
    return "done" if stopper.fired else "undisturbed"


def look(root: Path) -> dict[str, object]:
    """Say what a stopped load left: rows to be read, and what the next load makes of it."""
    before = read(root, "region", "name")
    whole = before in (BASE_NAMES, NEXT_NAMES)
    published = before == NEXT_NAMES
    products = read(root, "product", "name") == ([("Deposit",)] if published else [])
    load(root, region=NEXT, product=[{"product_id": "P", "name": "Deposit"}])
    after = read(root, "region", "name") == NEXT_NAMES
    repairs = read(root, "repair", "row_key") == [("N",)]
    return {
        "published": published,
        "sound": whole and products and after and repairs,
        "orphans": orphans(root),
    }


def orphans(root: Path) -> list[str]:
    """Return files that no version of a table and no snapshot of the line names."""
    warehouse = Warehouse(root)
    line = warehouse.line(warehouse.snapshot())
    known = {str(path.relative_to(root)) for snapshot in line for path in _named(root, snapshot)}
    known |= {f"snapshots/{snapshot.snapshot_id}.json" for snapshot in line} | {"CURRENT"}
    found = {name for name in everything(root) if "/_delta_log/" not in name}
    heads = {
        folder.name: delta.DeltaTable(str(folder)).version()
        for folder in (root / "tables").iterdir()
    }
    ahead = [name for name, head in heads.items() if head != line[0].versions.get(name)]
    return sorted(found - known) + ahead


def _named(root: Path, snapshot) -> list[Path]:
    return [path for table in snapshot.versions for path in Warehouse(root).files(snapshot, table)]


def in_child(work: Callable[[], object]) -> tuple[int, object]:
    """Run a function in a forked process; return its signal and what it returned."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        try:
            os.write(writing, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status), json.loads(answer) if answer else None


def main(folder: Path, way: str, stride: int) -> None:
    """Try every step, or one in `stride`, until a load runs through."""
    in_child(lambda: load(folder / "base", region=BASE).snapshot_id)
    for step in range(1, ENDLESS, stride):
        root = folder / str(step)
        shutil.copytree(folder / "base", root)
        died, outcome = in_child(lambda root=root, step=step: attempt(root, step, way))
        _, seen = in_child(lambda root=root: look(root))
        print(json.dumps({"step": step, "died": died, "outcome": outcome, "seen": seen}))  # noqa: T201
        shutil.rmtree(root)
        if outcome == "undisturbed":
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
