"""Load deliveries in processes of their own that stop where they are told to.

Run as a program: reads one JSON order a line, answers with one JSON line. Every load is forked
before any thread begins, as `tests.unit.warehouse.stopped` does; that module counts the steps.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.unit.warehouse.rows import read
from tests.unit.warehouse.stopped import Stopper, in_child, orphans

from branchwise.core.errors import BranchwiseError
from branchwise.pipeline.load import load
from branchwise.warehouse.store import Warehouse

MAPPING = """
[[file]]
name = "branches"
pattern = "*.csv"
data_source_id = "reference"
system = "reference"

[[table]]
into = "branch"
from = "branches"
[table.columns]
branch_id = "code"
name = "title"
"""
UNSIGNED = """regexp_replace(original, '"load_id":"[^"]*"', '')"""  # the load in a kept row
SEEN = {
    "branch": ("branch_id", "name"),
    "repair": ("rule", "row_key", UNSIGNED, "repaired"),
    "quarantine": ("rule", "reason", "content"),
}
Order = dict


def attempt(order: Order) -> dict[str, object]:
    """Load one delivery, stopped at a step where the order says so; say how it ended."""
    stopper = Stopper(order.get("step") or 0, order.get("way") or "kill")
    stopper.install()
    delivery = Path(order["delivery"])
    try:
        load(Path(order["workspace"]), delivery, mapping=delivery.parent / "mapping.toml")
    except BranchwiseError as error:
        return {"outcome": "refused", "fired": stopper.fired, "problems": _problems(error)}
    except Exception as error:  # noqa: BLE001 - what is no problem of ours is told by its name
        return {"outcome": repr(error), "fired": stopper.fired}
    return {"outcome": "done", "fired": stopper.fired}


def _problems(error: BranchwiseError) -> list[dict[str, object]]:
    return [problem.as_json() for problem in error.problems]


def look(workspace: Path) -> dict[str, list[tuple]]:
    """Return the rows that a reader of the current snapshot sees, by table."""
    root = workspace / "warehouse"
    return {table: read(root, table, *columns) for table, columns in SEEN.items()}


def unnamed(workspace: Path) -> list[str]:
    """Return the files of a warehouse at rest that nothing in it names."""
    root = workspace / "warehouse"
    line = Warehouse(root).line(Warehouse(root).snapshot())
    return sorted(set(orphans(root)) - {f"loads/{made.load_id}.json" for made in line})


def race(orders: list[Order]) -> dict[str, object]:
    """Run loads at the same time, each after its delay, with a reader beside them."""
    workspace = Path(orders[0]["workspace"])
    answers = [_begun(lambda order=order: attempt_later(order)) for order in orders]
    over = workspace.parent / "over"
    reader = _begun(lambda: states(workspace, over))
    ended = [answer() for answer in answers]
    over.touch()
    [(_, seen)] = [reader()]
    over.unlink()
    return {"ended": ended, "seen": seen}


def attempt_later(order: Order) -> dict[str, object]:
    """Wait for the order's delay, then load."""
    time.sleep(order["delay"])
    return attempt(order)


def states(workspace: Path, over: Path) -> list[object]:
    """Return every state of the branches that a reader saw until it was told to stop."""
    found: list[object] = []
    while True:
        last = over.exists()
        rows = [list(row) for row in read(workspace / "warehouse", "branch", *SEEN["branch"])]
        if rows not in found:
            found.append(rows)
        if last:
            return found


def _begun(work: Callable[[], object]) -> Callable[[], tuple[int, object]]:
    """Fork a process for some work; return what waits for its signal and answer."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        try:
            os.write(writing, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(writing)

    def ended() -> tuple[int, object]:
        with os.fdopen(reading, "rb") as pipe:
            answer = pipe.read()
        _, status = os.waitpid(child, 0)
        return os.WTERMSIG(status), json.loads(answer) if answer else None

    return ended


def main() -> None:
    """Answer orders until there are no more."""
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "attempt":
            answer = in_child(lambda order=order: attempt(order))
        elif order["do"] == "look":
            answer = in_child(lambda order=order: look(Path(order["workspace"])))
        elif order["do"] == "unnamed":
            answer = in_child(lambda order=order: unnamed(Path(order["workspace"])))
        else:
            answer = race(order["orders"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
