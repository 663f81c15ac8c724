"""A day to play: everybody is where the trace says, in a small document without names."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.twin.busy import busy_day

from branchwise.twin.example import corner_branch
from branchwise.twin.floor import Floor, points_of
from branchwise.twin.frames import as_json, frames
from branchwise.twin.plan import spots_in
from branchwise.twin.reading import figures, queues_of_steps, server_counts
from branchwise.twin.standing import lines_of, stood
from branchwise.twin.trace import trace

TENTH = 0.1


@pytest.fixture(scope="module")
def lived():
    day = busy_day()
    return day, frames(day)


def rectangle(left, bottom, right, top):
    corners = ((left, bottom), (right, bottom), (right, top), (left, top), (left, bottom))
    return "POLYGON ((" + ", ".join(f"{x} {y}" for x, y in corners) + "))"


def drawn_floor():
    zones = (
        {"zone_id": "E", "kind": "entrance", "name": "入口", "outline_wkt": rectangle(0, 0, 6, 4)},
        {"zone_id": "W", "kind": "waiting", "name": None, "outline_wkt": rectangle(0, 4, 12, 9)},
        {"zone_id": "C", "kind": "cash_counter", "name": None,
         "outline_wkt": rectangle(0, 9, 12, 12)},
        {"zone_id": "S", "kind": "smart_counter", "name": None,
         "outline_wkt": rectangle(6, 0, 12, 4)},
        {"zone_id": "X", "kind": "vip", "name": None, "outline_wkt": None},
    )  # fmt: skip
    windows = tuple(
        {"zone_id": "C", "kind": "counter_window", "station": str(number),
         "outline_wkt": rectangle(1.5 * number, 9, 1.5 * number + 1.4, 9.8)}
        for number in range(1, 7)
    )  # fmt: skip
    door = {"zone_id": "E", "kind": "door", "station": None, "outline_wkt": "LINESTRING (1 0, 3 0)"}
    devices = (
        {"zone_id": "S", "device_kind": "smart_counter", "device_id": "M2",
         "location_wkt": "POINT (8 1)"},
        {"zone_id": "E", "device_kind": "ticket_machine", "device_id": "Q1",
         "location_wkt": "POINT (4 1)"},
    )  # fmt: skip
    return Floor(zones=zones, fixtures=(door, *windows), devices=devices)


def ways(document):
    """Read the document back: of each customer the times of every step, in seconds."""
    start = document["span"][0]
    for row in document["customers"]:
        entered = row[3]
        at = entered + row[4]
        steps = []
        for step in row[7:]:
            queued = at + step[3]
            called = queued + step[4]
            at = called + step[5] + step[6]
            steps.append((step[1], *(start + TENTH * t for t in (queued, called, at)), step[7]))
        yield start + TENTH * entered, start + TENTH * (entered + row[4] + row[5]), steps


def test_times_are_those_of_the_trace(lived):
    """Entering, leaving, joining, call and end come back to a tenth of a second."""
    day, document = lived
    read = list(ways(document))
    assert [entered for entered, _, _ in read] == pytest.approx(day.entered, abs=TENTH)
    assert [left for _, left, _ in read] == pytest.approx(day.left, abs=TENTH)
    order = np.lexsort((day.step_called, day.step_queued, day.step_customer))
    steps = [step for _, _, steps in read for step in steps]
    for place, values in ((1, day.step_queued), (2, day.step_called), (3, day.step_ended)):
        assert [step[place] for step in steps] == pytest.approx(values[order], abs=TENTH)


def test_the_numbers_waiting_are_those_of_the_trace(lived):
    """At any moment each queue holds as many as have joined and not been called."""
    day, document = lived
    queue, start = queues_of_steps(day), document["span"][0]
    for number, changes in enumerate(document["waiting"]):
        times = np.cumsum(changes[::2])
        for at in np.linspace(0, 10 * (document["span"][1] - start), 400) + 0.5:
            place = int(np.searchsorted(times, at, side="right"))
            shown = changes[2 * place - 1] if place else 0
            moment = start + TENTH * at
            waits = (day.step_queued + TENTH < moment) & (moment < day.step_called - TENTH)
            about = (day.step_queued - TENTH < moment) & (moment < day.step_called + TENTH)
            assert (waits & (queue == number)).sum() <= shown <= (about & (queue == number)).sum()


def test_places_in_line_are_taken_once(lived):
    """At any moment those who wait in a queue stand at places 0, 1, 2 … without gap."""
    day, _ = lived
    for line in lines_of(day, 32400.0):
        for at, count in line.counts[::7]:
            places = []
            for step, changes in line.places.items():
                end = round(10 * (day.step_called[step] - 32400.0))
                known = [place for time, place in changes if time <= at]
                if known and at < end:
                    places.append(known[-1])
            assert sorted(places) == list(range(count))


def test_who_is_called_stood_first(lived):
    """A customer whom only one queue's servers serve is called from place 0."""
    day, _ = lived
    corporate = day.scenario.queues.index("corporate")
    line = lines_of(day, 32400.0)[corporate]
    called = [step for step in line.places if day.step_station[step] >= 0]
    assert called
    assert all(line.places[step][-1][1] == 0 for step in called)


def test_the_elderly_pass_by():
    """Whoever has priority stands before those who came earlier."""
    keys = [(0, 1, 1, 0), (0, 2, 2, 1), (-1, 3, 3, 2)]
    line = stood(keys, [1, 2, 3], [20, 30, 10])
    assert line.places[2] == [(3, 0)]
    assert line.places[0] == [(1, 0), (3, 1), (10, 0)]
    assert line.places[1] == [(2, 1), (3, 2), (10, 1), (20, 0)]
    assert line.longest == 3


def test_three_hundred_customers_stay_small(lived):
    """A day of 300 customers is well under 150 kB."""
    day, document = lived
    assert len(day.outcome) > 300
    assert len(as_json(document).encode()) < 150_000


def test_it_is_plain_json_and_deterministic(lived):
    """It survives JSON unchanged, has no number that JSON lacks, and is the same again."""
    day, document = lived
    assert json.loads(as_json(document)) == document
    assert as_json(frames(day)) == as_json(document)


def test_spells_are_those_of_the_trace(lived):
    """Windows on duty and machines out of order, to a tenth of a second."""
    day, document = lived
    assert sum(length for _, _, length in document["open"]) == pytest.approx(
        10 * (day.open_to - day.open_from).sum(), abs=len(day.open_to)
    )
    assert sum(length for _, _, length in document["down"]) == pytest.approx(
        10 * (day.down_to - day.down_from).sum(), abs=len(day.down_to)
    )
    names = [name for station in document["stations"] for name in station["servers"]]
    assert len(names) == len(document["plan"]["servers"]) == sum(server_counts(day))


def test_figures_add_up(lived):
    """All is the sum of the classes, and everybody ends in one way."""
    everybody, *classes = figures(lived[0])
    for name in ("customers", "served", "abandoned", "sent_away", "balked"):
        assert everybody[name] == sum(row[name] for row in classes)
    assert everybody["customers"] == sum(
        everybody[name] for name in ("served", "abandoned", "sent_away", "balked")
    )


def everything_on_the_floor(plan):
    wide, deep = plan["size"]
    for left, top, width, depth, x, y in plan["servers"]:
        assert -1 <= left <= left + width <= wide + 1
        assert -1 <= top <= top + depth <= deep + 1
        assert 0 <= x <= wide
        assert 0 <= y <= deep
    boxes = sorted((top, left) for left, top, *_ in plan["servers"])
    assert len(set(boxes)) == len(boxes)


def test_a_floor_is_laid_out_where_none_is_known(lived):
    """Counters at the far wall, everything inside, no two servers at one place."""
    _, document = lived
    plan = document["plan"]
    assert plan["schematic"]
    everything_on_the_floor(plan)
    assert plan["door"][0] < plan["size"][0] / 3
    depths = [plan["servers"][place][1] for place in (0, 8)]
    assert depths[0] < plan["size"][1] / 3 < depths[1]


def test_a_known_floor_is_used(lived):
    """Windows and machines by name, the rest at free ones or in the zone of their kind."""
    day, _ = lived
    plan = frames(day, drawn_floor())["plan"]
    assert not plan["schematic"]
    everything_on_the_floor(plan)
    assert plan["size"] == [1200, 1200]
    assert plan["door"] == [200, 1200]
    assert plan["servers"][0][:4] == [150, 220, 140, 80]
    machines = plan["servers"][-3:]
    assert [(left + 45, top + 30) for left, top, *_ in machines][1] != (800, 1100)
    assert (800, 1100) in [(left + 45, top + 30) for left, top, *_ in machines]
    assert len(plan["kiosks"]) == 2


def test_a_floor_without_outlines_is_laid_out(lived):
    """Zones without a shape are no floor."""
    floor = Floor(zones=({"zone_id": "W", "kind": "waiting", "outline_wkt": None},))
    assert frames(lived[0], floor)["plan"]["schematic"]


@given(st.text(max_size=40) | st.none() | st.integers())
def test_any_text_is_read_as_a_shape_or_not(wkt):
    """No outline, however bad, stops the page."""
    assert isinstance(points_of(wkt), tuple)


@given(st.floats(1, 40), st.floats(1, 40), st.integers(0, 200))
def test_waiting_places_fit(width, depth, people):
    """Places stay inside the box across, and as far as people are not packed closer than 30 cm."""
    spots = spots_in((0, 0, width, depth), people)
    assert spots.columns * spots.spacing <= width + 1e-9
    rows = -(-people // spots.columns)
    assert rows * spots.spacing <= depth + spots.spacing or spots.spacing <= 0.32


def test_an_empty_day_is_a_day():
    """A branch to which nobody comes can be played."""
    quiet = tuple(replace(found, rates_per_hour=()) for found in corner_branch().classes)
    document = frames(trace(replace(corner_branch(), classes=quiet), seed=1))
    assert document["customers"] == []
    assert document["figures"][0]["wait_mean"] is None
    assert document["waiting"] == [[], []]
