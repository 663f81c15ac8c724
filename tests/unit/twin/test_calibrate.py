"""Calibration of toy banks with known parameters: what is read off, and what is said about it."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from tests.unit.twin.toy import BRANCH, SHAPE, Truth, bank, days_of, instant, tables

from branchwise.core.languages import LANGUAGES
from branchwise.twin.calibrate import calibrate, perturbed, scenario_for
from branchwise.twin.calibrate.assemble import scenario_of
from branchwise.twin.run import simulate


@pytest.fixture(scope="module")
def plain():
    with bank(tables(Truth())) as engine:
        yield engine, calibrate(engine, BRANCH)


@pytest.fixture(scope="module")
def on_call():
    with bank(tables(Truth(called_at=3, windows=3, volume=1.1), seed=3)) as engine:
        yield calibrate(engine, BRANCH)


def of(found, name, what):
    return next(one for one in found.parameters if one.name == name and one.of == what)


def holds(parameter, truth):
    return parameter.lower <= truth <= parameter.upper


def test_service_times_pace_and_patience_hold_the_truth(plain):
    """95 % intervals of both services, of the slower class and of patience hold what was drawn."""
    _, found = plain
    truth = Truth()
    assert holds(of(found, "service.mean", "teller:quick"), truth.quick_seconds)
    assert holds(of(found, "service.mean", "teller:long"), truth.long_seconds)
    assert holds(of(found, "service.pace", "elderly"), truth.elderly_pace)
    assert holds(of(found, "patience.scale", "elderly"), truth.patience)
    assert holds(of(found, "arrivals.day_variance", ""), 1 / truth.day_shape)
    long = of(found, "service.mean", "teller:long")
    assert (long.law, long.source, long.unit) == ("lognormal", "own", "s")
    assert long.distance < 0.05


def test_rates_hold_the_truth_at_the_nominal_rate(plain):
    """Of 16 half-hourly 95 % intervals at least 13 hold the true rate (chance of fewer: 0.1 %)."""
    _, found = plain
    held = [
        holds(of(found, "arrivals.rate", f"all {9 + half // 2:02d}:{30 * (half % 2):02d}"), 2 * n)
        for half, n in enumerate(SHAPE)
    ]
    assert sum(held) >= 13


def test_shifts_with_lunch_breaks_become_steps(plain):
    """Three windows, one away for lunch in turn from 11:30 to 13:45, until the last customer."""
    _, found = plain
    (station,) = found.scenario.stations
    numbers = {step.at_second: step.count for step in station.open}
    assert [numbers[at] for at in (32400.0, 41400.0, 49500.0)] == [3, 2, 3]
    assert station.open[-1].count == 0
    assert station.open[-1].at_second == found.scenario.ends_second >= 61200
    assert station.flexible is None


def test_the_elderly_are_seen_to_be_called_first(plain):
    """The rank is read off from who was called, and the class knows that it is elderly."""
    _, found = plain
    classes = {one.name: one for one in found.scenario.classes}
    assert classes["elderly"].priority > classes["ordinary"].priority
    assert classes["elderly"].is_elderly
    assert classes["elderly"].mix.keys() == classes["ordinary"].mix.keys()


def test_the_twin_waits_as_the_bank_does(plain):
    """Mean wait and abandonment of the calibrated twin are those of the days it was read off."""
    engine, found = plain
    seen = engine.table(
        "SELECT avg(wait_seconds) AS wait, avg((outcome = 'unserved')::int) AS lost FROM visit"
    ).to_pylist()[0]
    result = simulate(found.scenario, replications=400, seed=1)
    customers = result.by_class["customers"].sum()
    assert result.by_class["wait_seconds"].sum() / customers == pytest.approx(
        seen["wait"], rel=0.25
    )
    lost = result.by_class["abandoned"].sum() / customers
    assert lost == pytest.approx(float(seen["lost"]), abs=0.015)


def test_windows_on_call_are_recognised_and_no_schedule(on_call):
    """One window is planned, two come when 3 and 4 wait; the delay's interval holds 150 s."""
    (station,) = on_call.scenario.stations
    assert (station.flexible.waiting, station.flexible.further) == (3, 1)
    assert max(step.count for step in station.open) == 1
    assert max(step.count for step in station.flexible.limit) == 3
    delay = of(on_call, "schedule.opening_delay", "teller")
    assert delay.value == pytest.approx(150 * np.exp(0.3**2 / 2), rel=0.1)
    assert any("on call" in text.en for text in on_call.notes)


def test_a_busy_roster_is_not_taken_for_windows_on_call():
    """Windows of a roster that are always busy, and often left with a queue, stay a schedule."""
    with bank(tables(Truth(volume=1.6, days=20), seed=4)) as engine:
        found = calibrate(engine, BRANCH)
    assert all(station.flexible is None for station in found.scenario.stations)


def test_without_shifts_presence_is_read_off_from_calls():
    """The number on duty in the morning and at lunch is found from activity alone."""
    with bank(tables(Truth(has_shifts=False, volume=1.3), seed=5)) as engine:
        found = calibrate(engine, BRANCH)
    duties = found.estimates.duties
    at_ten, at_noon = (
        np.mean([_on_duty(duty.open["teller"], at) for duty in duties]) for at in (36000.0, 42700.0)
    )
    assert at_ten == pytest.approx(3.0, abs=0.25)
    assert at_noon == pytest.approx(2.0, abs=0.25)
    assert any("no shifts" in text.en for text in found.notes)


def _on_duty(steps, at):
    return next((step.count for step in reversed(steps) if step.at_second <= at), 0)


def test_without_names_of_windows_there_are_as_many_as_services_overlap():
    """Neither staff nor station: three windows all the same, and a note that says so."""
    with bank(tables(Truth(has_staff=False, has_shifts=False, days=15), seed=6)) as engine:
        found = calibrate(engine, BRANCH)
    assert max(step.count for step in found.scenario.stations[0].open) == 3
    assert any("names its window" in text.en for text in found.notes)


def test_without_ends_services_last_until_the_next_call():
    """A queue machine without end events: the mean quick service within 10 % of the truth."""
    rows = tables(Truth(volume=1.5, days=20), seed=7)
    for row in rows["visit"]:
        row["service_seconds"] = None
        row["left_at"] = row["left_at"] if row["outcome"] == "unserved" else None
    for row in rows["visit_step"]:
        row |= {"service_seconds": None, "ended_at": None, "started_at": None}
    with bank(rows) as engine:
        found = calibrate(engine, BRANCH)
    mean = of(found, "service.mean", "teller:quick").value
    overall = Truth().quick_seconds
    assert mean == pytest.approx(overall, rel=0.1)
    assert any("does not record when services end" in text.en for text in found.notes)


def test_each_weekday_has_its_scenario_and_its_draws(plain):
    """Weekday scenarios run; a draw is the same for the same number, another for another."""
    _, found = plain
    assert found.scenario.name == "today"
    tuesday = scenario_for(found, 2)
    assert tuesday.name == "weekday_2"
    twice = scenario_for(found, 2, factor=2.0)
    assert sum(twice.classes[0].rates_per_hour) == pytest.approx(
        2 * sum(tuesday.classes[0].rates_per_hour), rel=1e-5
    )
    drawn = [perturbed(found, draw, 1, iso_weekday=2) for draw in (3, 3, 4)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert simulate(drawn[2], replications=2, seed=1).by_class["served"].sum() > 0


def test_draws_spread_as_the_intervals_say(plain):
    """The spread of 200 drawn means of a service is its standard error, within a fifth."""
    _, found = plain
    parameter = of(found, "service.mean", "teller:long")
    drawn = [
        next(one for one in perturbed(found, draw, 2).activities if one.name == "teller:long")
        .services[0].law.mean
        for draw in range(200)
    ]  # fmt: skip
    error = np.log(parameter.upper / parameter.lower) / (2 * 1.96)
    assert np.std(np.log(drawn)) == pytest.approx(error, rel=0.2)


def test_gamed_half_and_interrupted_days_are_left_out_and_told():
    """Each kind of bad day is named with its reason in three languages; suspect tickets go."""
    rows = tables(Truth(days=30), seed=8)
    days = days_of(Truth(days=30))
    gamed, half, broken = days[3], days[10], days[17]
    seen = 0
    for row in rows["visit"]:
        if row["local_on"] == gamed and row["visit_id"][-1] in "012":
            row["is_suspect"] = True
        if row["local_on"] == broken and 20 <= int(row["visit_id"][-3:]) < 60:
            row |= {"outcome": "unserved", "unserved_cause": "walked_out", "called_at": None,
                    "service_seconds": None, "wait_seconds": 5.0,
                    "left_at": row["arrived_at"] + dt.timedelta(seconds=5)}  # fmt: skip
            seen += 1
    assert seen == 40
    late = instant(half, 13 * 3600)
    rows["visit"] = [
        row for row in rows["visit"] if row["local_on"] != half or row["arrived_at"] >= late
    ]
    kept = {row["visit_id"] for row in rows["visit"]}
    lost = {row["visit_id"] for row in rows["visit"] if row["wait_seconds"] == 5.0}
    rows["visit_step"] = [
        row for row in rows["visit_step"] if row["visit_id"] in kept and row["visit_id"] not in lost
    ]
    with bank(rows) as engine:
        found = calibrate(engine, BRANCH)
    told = {day.on: day for day in found.days_left_out}
    assert {on: day.code for on, day in told.items()} == {
        gamed: "gamed", half: "half_day", broken: "interrupted"
    }  # fmt: skip
    assert not set(told) & set(found.days_used)
    assert all(told[gamed].reason.read_in(language) for language in LANGUAGES)


def test_only_the_days_asked_for_are_learned_from(plain):
    """Given days, no other day enters."""
    engine, _ = plain
    chosen = days_of(Truth())[:12]
    assert calibrate(engine, BRANCH, days=chosen).days_used == tuple(chosen)


def test_sessions_at_machines_fail_back_to_the_counter(plain_with_machines):
    """A tenth of the sessions draws a ticket 40 s later; a machine fails every 20 days."""
    found = plain_with_machines
    back = of(found, "routing.fail_back", "smart_counter:self_service")
    assert holds(back, 0.1)
    activity = next(one for one in found.scenario.activities if one.queue == "smart_counter")
    assert {route.to for route in activity.routes} <= {"teller:quick", "teller:long"}
    assert all(route.is_failure for route in activity.routes)
    machine = next(one for one in found.scenario.stations if one.kind == "smart_counter")
    assert machine.members == ("D1", "D2")
    assert holds(of(found, "machines.between_failures", "smart_counter"), 20 * 86400)
    reviewed = of(found, "requests.share", "smart_counter:self_service reviewer")
    assert holds(reviewed, 0.3)
    counter = scenario_of(found.estimates, None, tickets_only=True)
    assert all(one.kind == "counter" for one in counter.stations)


@pytest.fixture(scope="module")
def plain_with_machines():
    chance = np.random.default_rng(21)
    rows = tables(Truth(days=30), seed=9)
    for code in ("D1", "D2"):
        rows["device"].append(
            {"device_id": code, "branch_id": BRANCH, "device_kind": "smart_counter",
             "service_hours": "opening_hours"}
        )  # fmt: skip
    for number, on in enumerate(days_of(Truth(days=30))):
        for place in range(20):
            _session(rows, on, f"M{number:02d}{place:02d}", chance)
    at = instant(days_of(Truth())[0], 0)
    for number in range(4):
        start = at + dt.timedelta(days=5 + 10 * number)
        rows["device_event"].append(
            {"device_event_id": f"E{number}", "device_id": "D1", "branch_id": BRANCH,
             "state": "hardwareError", "is_planned": False, "started_at": start,
             "ended_at": start + dt.timedelta(hours=6), "local_on": start.date(),
             "local_month": f"{start:%Y-%m}", "iso_weekday": start.isoweekday(),
             "quarter_hour": 0}
        )  # fmt: skip
    with bank(rows) as engine:
        return calibrate(engine, BRANCH)


def _session(rows, on, key, chance):
    starts, lasts = float(chance.uniform(34000, 58000)), float(chance.exponential(90) + 30)
    failed, reviewed = chance.random() < 0.1, chance.random() < 0.3
    common = {
        "visit_id": key, "branch_id": BRANCH, "service_id": "quick", "local_on": on,
        "local_month": f"{on:%Y-%m}", "iso_weekday": on.isoweekday(),
        "quarter_hour": int(round(starts) // 900), "service_seconds": float(round(lasts)),
    }  # fmt: skip
    rows["visit"].append(
        {**common, "origin": "smart_counter", "business_line": "personal", "priority": 0,
         "tier": "unknown", "age_band": "unknown", "arrived_at": instant(on, starts),
         "left_at": instant(on, starts + lasts), "is_suspect": False,
         "outcome": "unserved" if failed else "served",
         "unserved_cause": "diverted" if failed else None}
    )  # fmt: skip
    asked = starts + 0.3 * lasts
    rows["visit_step"].append(
        {**common, "visit_step_id": f"{key}-1", "sequence": 1, "kind": "smart_counter",
         "device_id": "D1" if chance.random() < 0.5 else "D2", "station": "D",
         "started_at": instant(on, starts), "ended_at": instant(on, starts + lasts),
         "review_requested_at": instant(on, asked) if reviewed else None,
         "review_returned_at": instant(on, asked + 10) if reviewed else None,
         "review_seconds": 10.0 if reviewed else None,
         "outcome": "to_counter" if failed else "done"}
    )  # fmt: skip
    if failed:
        drawn = starts + lasts + 40
        ticket = {**common, "visit_id": f"{key}T", "quarter_hour": int(round(drawn) // 900)}
        rows["visit"].append(
            {**ticket, "origin": "ticket", "business_line": "personal", "priority": 0,
             "tier": "unknown", "age_band": "unknown", "arrived_at": instant(on, drawn),
             "called_at": instant(on, drawn), "wait_seconds": 0.0, "is_suspect": False,
             "left_at": instant(on, drawn + 180), "outcome": "served", "service_seconds": 180.0}
        )  # fmt: skip
        rows["visit_step"].append(
            {**ticket, "visit_step_id": f"{key}T-1", "sequence": 1, "kind": "counter",
             "station": "1", "staff_id": "S0", "queued_at": instant(on, drawn),
             "called_at": instant(on, drawn), "started_at": instant(on, drawn),
             "ended_at": instant(on, drawn + 180), "outcome": "done", "wait_seconds": 0.0,
             "service_seconds": 180.0}
        )  # fmt: skip


def test_authorisations_are_taken_out_of_services_and_given_a_pool():
    """A quarter of the long services waits 60 s for the one approver: share, hold and pure time."""
    chance = np.random.default_rng(22)
    rows = tables(Truth(days=30), seed=10)
    for row in rows["visit_step"]:
        if row["service_id"] == "long" and row["outcome"] == "done" and chance.random() < 0.25:
            _authorised(rows, row, float(round(40 + chance.exponential(20))))
    with bank(rows) as engine:
        found = calibrate(engine, BRANCH)
    assert holds(of(found, "requests.share", "teller:long approver"), 0.25)
    assert of(found, "requests.hold", "approver").value == pytest.approx(60, rel=0.1)
    assert holds(of(found, "service.mean", "teller:long"), Truth().long_seconds)
    assert [pool.name for pool in found.scenario.pools] == ["approver"]


def _authorised(rows, row, seconds):
    half = row["service_seconds"] / 2
    row["ended_at"] += dt.timedelta(seconds=seconds)
    row["service_seconds"] += seconds
    asked = row["started_at"] + dt.timedelta(seconds=half)
    rows["transaction"].append(
        {"transaction_id": row["visit_id"], "branch_id": BRANCH, "staff_id": row["staff_id"],
         "service_id": "long", "channel": "counter", "posted_at": row["ended_at"],
         "is_reversal": False, "authorised_by_staff_id": "S9",
         "authorisation_requested_at": asked,
         "authorisation_granted_at": asked + dt.timedelta(seconds=seconds),
         "authorisation_seconds": seconds, "local_on": row["local_on"],
         "local_month": row["local_month"], "iso_weekday": row["iso_weekday"],
         "quarter_hour": _quarter(row["ended_at"])}
    )  # fmt: skip


def _quarter(at):
    local = at.astimezone(dt.timezone(dt.timedelta(hours=8)))
    return (local.hour * 3600 + local.minute * 60 + local.second) // 900


def test_a_branch_without_tickets_is_read_off_transactions_and_says_how_weak_that_is():
    """Volumes are the served customers', patience is assumed, and the first note says so."""
    rows = tables(Truth(days=20), seed=11)
    served = [row for row in rows["visit_step"] if row["outcome"] == "done"]
    for row in served:
        rows["transaction"].append(
            {"transaction_id": row["visit_id"], "branch_id": BRANCH, "staff_id": row["staff_id"],
             "service_id": row["service_id"], "channel": "counter", "posted_at": row["ended_at"],
             "is_reversal": False, "local_on": row["local_on"],
             "local_month": row["local_month"], "iso_weekday": row["iso_weekday"],
             "quarter_hour": _quarter(row["ended_at"])}
        )  # fmt: skip
    rows["visit"], rows["visit_step"] = [], []
    with bank(rows) as engine:
        found = calibrate(engine, BRANCH)
    assert found.strength == "transactions"
    assert "no tickets" in found.notes[0].en
    total = sum(sum(one.rates_per_hour) for one in found.scenario.classes) / 4
    assert total == pytest.approx(len(served) / 20, rel=0.05)
    assert of(found, "patience.scale", "ordinary").source == "default"
    assert simulate(found.scenario, replications=5, seed=1).by_class["served"].sum() > 0


def test_a_visit_of_several_steps_goes_on_with_its_ticket():
    """A failed session and the counter service after it in one visit: a route that keeps it."""
    chance = np.random.default_rng(23)
    rows = tables(Truth(days=20), seed=12)
    for number, on in enumerate(days_of(Truth(days=20))):
        for place in range(20):
            _session(rows, on, f"M{number:02d}{place:02d}", chance)
    moved = {row["visit_id"] for row in rows["visit"] if row["visit_id"].endswith("T")}
    rows["visit"] = [row for row in rows["visit"] if row["visit_id"] not in moved]
    for row in rows["visit_step"]:
        if row["visit_id"] in moved:
            row |= {"visit_id": row["visit_id"][:-1], "sequence": 2}
    with bank(rows) as engine:
        found = calibrate(engine, BRANCH)
    activity = next(one for one in found.scenario.activities if one.queue == "smart_counter")
    assert sum(route.share for route in activity.routes) == pytest.approx(0.1, abs=0.03)
    assert all(route.keeps_ticket and route.is_failure for route in activity.routes)
    machine = next(one for one in found.scenario.stations if one.kind == "smart_counter")
    assert len(machine.members) == 2
    result = simulate(found.scenario, replications=50, seed=1)
    place = result.classes.index("self_service")
    back = result.by_class["failed_back"][:, place].sum()
    assert back / result.by_class["customers"][:, place].sum() == pytest.approx(0.1, abs=0.03)
