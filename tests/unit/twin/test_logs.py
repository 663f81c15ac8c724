"""Logs of many branches in one reading, and quick ways that must do what the plain ones do."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.twin.bank import make_bank

from branchwise.core.errors import BranchwiseError, Where, failure
from branchwise.pipeline.twin.batches import batches_of
from branchwise.pipeline.twin.spread import Refused, opened
from branchwise.twin.calibrate.log import Coded, read_log, read_logs
from branchwise.twin.calibrate.on_call import LATEST, _Events, _played
from branchwise.twin.calibrate.requests import implied_holds


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """Two branches of four days, and one without visits."""
    root = tmp_path_factory.mktemp("logs") / "bank"
    return make_bank(root, days=4, without_visits=("new",))


def same(one, other):
    """Say whether two logs are the same to the last bit."""
    for column in fields(one):
        left, right = getattr(one, column.name), getattr(other, column.name)
        if isinstance(left, Coded):
            if left.names != right.names or (left.codes != right.codes).any():
                return False
        elif column.name == "dates":
            if left != right:
                return False
        elif not np.array_equal(left, right, equal_nan=left.dtype.kind == "f"):
            return False
    return True


def test_together_as_alone(workspace):
    """A branch's log is the same whoever is read with it; one without visits has none."""
    with opened(workspace) as (engine, _):
        together = read_logs(engine, ["west", "new", "east"])
        assert list(together) == ["west", "new", "east"]
        assert all(same(together[name], read_log(engine, name)) for name in together)
        visits = "SELECT count(*) AS n FROM visit WHERE branch_id = $branch"
        for name, log in together.items():
            count = engine.table(visits, {"branch": name}).to_pylist()[0]["n"]
            assert int(log.is_first.sum()) == count
    assert not same(together["east"], together["west"])


def test_a_batch_goes_on_after_a_refusal(workspace):
    """One that is refused stops no other; data that are gone refuse all."""
    with opened(workspace) as (_, snapshot):
        pass

    def work(name, _, log):
        if name == "new":
            raise failure("BW-TWN-037", Where(place=name))
        return name, len(log.dates)

    pairs = [(name, snapshot) for name in ("east", "new", "west")]
    (batch,) = batches_of(workspace, pairs, None, workers=1)[:1]
    first = batch.each(work)
    assert first[0] == ("east", 4)
    assert isinstance(first[1], Refused)
    assert first[1].problems[0].code == "BW-TWN-037"
    (gone,) = batches_of(workspace, [("east", "S999999-00000000")], None, workers=1)
    assert isinstance(gone.each(work)[0], Refused)


@given(count=st.integers(1, 60), workers=st.integers(1, 9))
def test_batches_hold_every_branch_once(count, workers, tmp_path_factory):
    """In order, each with the data that it is to be read from, and never too many together."""
    pairs = [(f"B{number}", f"S{number // 7}") for number in range(count)]
    batches = batches_of(tmp_path_factory.getbasetemp(), pairs, None, workers)
    found = [(name, batch.snapshot_id) for batch in batches for name in batch.branches]
    assert found == pairs
    assert max(len(batch.branches) for batch in batches) <= 8


def played_step_by_step(day, waiting, further):
    """Return what `_played` does, arrival by arrival: the oracle."""
    delays, missed, pending, place = [], 0, [], 0
    for at in day.backs:
        while place < len(day.joined) and day.joined[place] < at:
            now = day.joined[place]
            while pending and now - pending[0] > LATEST:
                pending.pop(0)
                missed += 1
            needed = waiting + further * (day.above[place] + len(pending))
            if day.waiting[place] >= needed and len(pending) < day.room[place]:
                pending.append(now)
            place += 1
        if pending:
            delays.append(at - pending.pop(0))
        else:
            missed += 1
    return delays, missed


@settings(deadline=None)
@given(
    joined=st.lists(st.integers(0, 9000), max_size=60),
    backs=st.lists(st.integers(0, 9000), max_size=12),
    seed=st.integers(0, 999),
    waiting=st.integers(1, 5),
    further=st.integers(0, 2),
)
def test_calls_of_windows_are_played_as_they_came(joined, backs, seed, waiting, further):
    """Leaving out arrivals that call nobody changes nothing, stale calls included."""
    chance = np.random.default_rng(seed)
    times = np.sort(np.array(joined, dtype=float))
    ordered = sorted(map(float, backs))
    earlier = np.concatenate([[-np.inf], times])
    day = _Events(
        joined=times,
        waiting=chance.integers(0, 8, len(times)),
        above=chance.integers(0, 2, len(times)),
        room=chance.integers(0, 4, len(times)),
        backs=ordered,
        before=earlier[np.searchsorted(times, np.array(ordered), side="left")].tolist(),
    )
    delays, missed, count = _played([day.calling(waiting)], waiting, further)
    assert (delays.tolist(), missed) == played_step_by_step(day, waiting, further)
    assert count == len(ordered)


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 500), st.integers(1, 200)), max_size=40
    ),
    people=st.integers(1, 4),
)
def test_holds_are_those_of_people_who_serve_first_come_first_served(rows, people):
    """Against a list of people of whom the first free one takes the next request."""
    day, asked, granted = (np.array(column) for column in zip(*rows, strict=True)) if rows else (
        np.zeros(0, dtype=int), np.zeros(0), np.zeros(0)
    )  # fmt: skip
    expected = np.zeros(len(rows))
    for on in set(day.tolist()):
        free = [-np.inf] * people
        mine = [row for row in range(len(rows)) if day[row] == on]
        for row in sorted(mine, key=lambda row: asked[row]):
            person = free.index(min(free))
            ends = asked[row] + granted[row]
            expected[row] = ends - max(asked[row], free[person])
            free[person] = max(ends, free[person])
    assert implied_holds(day, asked.astype(float), granted.astype(float), people).tolist() == (
        expected.tolist()
    )


def test_too_few_workers(workspace):
    """Fewer than one is refused before anything is read."""
    from branchwise.pipeline.twin.calibrate import calibrate

    with pytest.raises(BranchwiseError) as refused:
        calibrate(workspace, workers=0)
    assert refused.value.problems[0].code == "BW-TWN-039"
