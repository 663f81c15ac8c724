"""Loads that are killed, find the disk full, or come at once: any order of these loses nothing."""

import csv
import itertools
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.property.stopping import MAPPING

ROOT = Path(__file__).resolve().parents[2]
LATEST_STEP = 115
PARTS = ("code", "where", "what", "rule", "means", "try")
DONE = [0, {"outcome": "done", "fired": False}]
NOTHING = {"branch": [], "repair": [], "quarantine": []}
Ask = Callable[..., object]

names = st.sampled_from(["North", "北門", "South, old", "a 'b' \"c\""])
files = st.dictionaries(st.sampled_from("ABCDE"), names, min_size=1, max_size=4)
faults = st.tuples(st.sampled_from(["kill", "fail"]), st.integers(1, LATEST_STEP))
few = settings(
    max_examples=5,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # an example takes seconds to try
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Start the program that forks loads, and give what it is asked by."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.property.stopping"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True,
    ) as program:  # fmt: skip

        def asked(do: str, **order: object) -> object:
            program.stdin.write(json.dumps({"do": do, **order}) + "\n")
            program.stdin.flush()
            return json.loads(program.stdout.readline())

        yield asked
        program.stdin.close()


def deliver(folder: Path, number: int, rows: dict[str, str], bad: int = 0) -> str:
    """Write branches as the only file of a delivery, some rows without a code; return its path."""
    delivery = folder / str(number)
    delivery.mkdir()
    (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    with (delivery / "branches.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("code", "title"))
        writer.writerows((*rows.items(), *(("", f"nameless {n}") for n in range(bad))))
    return str(delivery)


def is_explained(ended: dict) -> bool:
    """Say whether a load ended well, or with problems each of which has a code and all parts."""
    if ended["outcome"] == "done":
        return True
    return ended["outcome"] == "refused" and all(
        problem["code"].startswith("BW-") and all(problem[part] for part in PARTS)
        for problem in ended["problems"]
    )


@few
@given(
    base=st.one_of(st.none(), files),
    rows=files,
    bad=st.integers(0, 2),
    stops=st.lists(faults, min_size=1, max_size=3),
)
def test_any_faults_then_a_retry_are_as_if_nothing_had_happened(
    tmp_path_factory: pytest.TempPathFactory, ask: Ask, **drawn: object
) -> None:
    """Killed or out of disk at any step, again at each retry, then done: an undisturbed bank.

    After each stop a reader sees the old or the new snapshot, whole, with its repairs and its
    quarantine; a refused load is not there; once it is through, rows, repairs and quarantine are
    those of a bank that never failed, and no file is left that no snapshot names.
    """
    base, rows, bad, stops = (drawn[name] for name in ("base", "rows", "bad", "stops"))
    folder = tmp_path_factory.mktemp("faults")
    bank, calm = str(folder / "bank"), str(folder / "calm")
    old = NOTHING
    if base is not None:
        ask("attempt", workspace=calm, delivery=deliver(folder, 0, base, bad))
        old = ask("look", workspace=calm)[1]
        shutil.copytree(calm, bank)
    delivery = deliver(folder, 1, rows, 1)
    assert ask("attempt", workspace=calm, delivery=delivery) == DONE
    new = ask("look", workspace=calm)[1]
    for way, step in stops:
        died, ended = ask("attempt", workspace=bank, delivery=delivery, way=way, step=step)
        assert died == 9 if ended is None else is_explained(ended), ended
        found = ask("look", workspace=bank)[1]
        refused = ended is not None and ended["outcome"] != "done"
        assert found == old if refused else found in (old, new)
        old = found
    assert ask("attempt", workspace=bank, delivery=delivery) == DONE
    assert ask("look", workspace=bank)[1] == new
    assert ask("unnamed", workspace=bank) == [0, []]


@few
@given(
    base=files,
    pair=st.tuples(files, files),
    delays=st.tuples(st.integers(0, 30), st.integers(0, 30)),
    stop=st.one_of(st.none(), faults),
)
def test_two_loads_at_once_come_one_after_the_other(
    tmp_path_factory: pytest.TempPathFactory, ask: Ask, **drawn: tuple
) -> None:
    """Two processes load at once, one perhaps stopped: readers only ever see whole loads.

    Every state seen is the base with none, one or both loads in some order; a load that ended
    well is there at the end; the stopped one, tried again, comes last and wins.
    """
    base, pair, delays, stop = (drawn[name] for name in ("base", "pair", "delays", "stop"))
    folder = tmp_path_factory.mktemp("race")
    bank = str(folder / "bank")
    _, ended = ask("attempt", workspace=bank, delivery=deliver(folder, 0, base))
    assert ended["outcome"] == "done"
    way, step = stop or (None, None)
    orders = [
        {"workspace": bank, "delivery": deliver(folder, 1 + place, pair[place]),
         "delay": delays[place] / 100}
        for place in (0, 1)
    ]  # fmt: skip
    answer = ask("race", orders=[orders[0] | {"way": way, "step": step}, orders[1]])
    (died, first), (_, second) = answer["ended"]
    assert second == {"outcome": "done", "fired": False}
    assert died == 9 if first is None else is_explained(first), first
    legal = {state for count in range(3) for state in after(base, pair, count)}
    assert {as_state(rows) for rows in answer["seen"]} <= legal
    found = as_state(ask("look", workspace=bank)[1]["branch"])
    both = after(base, pair, 2)
    only = as_state((base | pair[1]).items())
    if first is not None and first["outcome"] == "done":
        assert found in both
    else:
        assert found == only if first is not None else found in {*both, only}
        assert ask("attempt", **orders[0])[1]["outcome"] == "done"
        found = as_state(ask("look", workspace=bank)[1]["branch"])
        assert found in both
    assert ask("unnamed", workspace=bank) == [0, []]


def after(base: dict, pair: tuple, count: int) -> set:
    """Return the states after so many of two loads, in any order."""
    states = set()
    for order in itertools.permutations(pair, count):
        state = dict(base)
        for rows in order:
            state |= rows
        states.add(as_state(state.items()))
    return states


def as_state(rows) -> tuple:
    """Return rows as something that can be compared and kept in a set."""
    return tuple(sorted(tuple(row) for row in rows))
