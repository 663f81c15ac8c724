"""Measures of a run: the catalogue's definitions, honest intervals, pairs, parts put together."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta

import numpy as np
import pytest

from branchwise.engines.duckdb import open_duckdb
from branchwise.experiments.intervals import ratio_interval
from branchwise.measures.catalogue import catalogue
from branchwise.measures.compute import compute
from branchwise.tables.spec import table_names
from branchwise.twin.change import changed
from branchwise.twin.example import corner_branch
from branchwise.twin.measures import difference, estimates, merged
from branchwise.twin.rows import rows
from branchwise.twin.run import simulate
from branchwise.twin.trace import trace
from branchwise.twin.waits import waits_of
from branchwise.warehouse.columns import stored_schema

DAYS = 60
SEED = 11


@pytest.fixture(scope="module")
def busy():
    """A corner branch with one and a half times its customers: people wait, some leave."""
    return changed(corner_branch(), ["class.*.rate=*1.5"])


@pytest.fixture(scope="module")
def result(busy):
    """Sixty days of it."""
    return simulate(busy, replications=DAYS, seed=SEED)


def by_key(found):
    """Return estimates by measure, class and station."""
    return {each.key: each for each in found}


def test_rows_of_the_same_days_measure_the_same(busy, result):
    """Days written as canonical rows and measured by the catalogue agree with the run's counts.

    Counts agree exactly; waits within the run's bins of 5 s; the two roads share only the days.
    Who is called, sent on and then leaves counts as called in the catalogue, as lost in the run:
    a few in ten thousand. Who leaves the line before a machine is an attempt in the rows, none in
    the run.
    """
    days = [trace(busy, seed=SEED, replication=day) for day in range(DAYS)]
    dates = [date(2030, 1, 7) + timedelta(days=day) for day in range(DAYS)]
    with open_duckdb() as engine:
        for name in table_names():
            engine.register_table(name, stored_schema(name).empty_table())
        for name, table in rows(days, local_on=dates, timezone="Asia/Shanghai").items():
            engine.register_table(name, table)
        names = [
            each.measure
            for each in estimates(result)
            if each.measure in catalogue() and each.station is None and each.customer_class is None
        ]
        measured = {row["measure"]: row["value"] for row in compute(engine, names).to_pylist()}
    found = by_key(estimates(result))
    exact = [name for name in names if name.endswith("_share")]
    assert exact == [
        "queues.within_standard_share",
        "queues.abandoned_share",
        "queues.abandoned_walked_out_share",
        "queues.failback_share",
    ]
    unlike = {"queues.within_standard_share": 5e-4, "queues.failback_share": 0.01}
    for name in exact:
        near = unlike.get(name, 1e-12)
        assert found[name, None, None].value == pytest.approx(measured[name], abs=near), name
    served = "queues.wait_served_mean_seconds"
    assert found[served, None, None].value == pytest.approx(measured[served], rel=1e-9)
    for name in set(names) - set(exact) - {served}:
        assert found[name, None, None].value == pytest.approx(measured[name], abs=5.0), name
    mean = "queues.wait_mean_seconds"
    assert found[mean, None, None].value == pytest.approx(measured[mean], rel=0.01)


def test_ratios_are_those_of_experiments(result):
    """A share has the jackknifed interval that `experiments` gives the same sums."""
    found = by_key(estimates(result))["queues.abandoned_walked_out_share", "ordinary", None]
    counts = {name: values[:, 0] for name, values in result.by_class.items()}
    expected = ratio_interval(counts["abandoned"], counts["customers"] - counts["balked"])
    assert found.value == pytest.approx(expected.estimate, abs=1e-4)
    half = (found.upper - found.lower) / 2
    assert half == pytest.approx(expected.half_width, rel=1e-9)


def test_quantiles_are_those_of_the_result(result):
    """The quantiles, worked out for all batches at once, are those of `Result`, one by one."""
    waits = waits_of(result, [0])
    found = by_key(estimates(result))
    for name, share in (("p50", 0.5), ("p90", 0.9), ("p95", 0.95)):
        value, lower, upper = result.wait_quantile_spread(share, "ordinary")
        assert waits.quantile(share)[0] == value
        each = found[f"queues.wait_{name}_seconds", "ordinary", None]
        assert (each.value, each.lower, each.upper) == pytest.approx((value, lower, upper))


def test_intervals_cover(busy):
    """Of 60 independent runs, the 95 % intervals hold the mean of 6,000 days some 57 times.

    With 60 trials fewer than 52 has a chance of 0.4 % at the nominal rate; the seed is fixed.
    """
    truth = {each.key: each.value for each in estimates(simulate(busy, replications=6000, seed=99))}
    keys = [
        ("queues.wait_mean_seconds", None, None),
        ("queues.abandoned_share", None, None),
        ("twin.busy_share", None, "counter"),
    ]
    held = dict.fromkeys(keys, 0)
    for trial in range(60):
        found = by_key(estimates(simulate(busy, replications=60, seed=trial)))
        for key in keys:
            held[key] += found[key].lower <= truth[key] <= found[key].upper
    assert min(held.values()) >= 52, held


def test_pairs_are_sharper_than_two_runs(busy):
    """A difference over the same days is far narrower than the two intervals suggest."""
    more = changed(busy, ["station.counter.open=+1@10:00-12:00"])
    key = ("queues.wait_mean_seconds", None, None)
    a, b = (
        by_key(estimates(simulate(each, replications=DAYS, seed=SEED)))[key]
        for each in (busy, more)
    )
    found = difference(b, a)
    assert found.value == b.value - a.value
    assert found.upper < 0
    apart = np.hypot(a.upper - a.value, b.upper - b.value)
    assert (found.upper - found.lower) / 2 < 0.7 * apart
    nothing = difference(a, a)
    assert (nothing.value, nothing.lower, nothing.upper) == (0.0, 0.0, 0.0)


def test_parts_make_the_whole(busy, result):
    """Days simulated in parts and put together are the days simulated at once, to the last bit."""
    parts = [
        simulate(busy, replications=count, seed=SEED, first_replication=first)
        for first, count in ((0, 7), (7, 33), (40, 20))
    ]
    whole = merged(parts)
    assert whole.replications == DAYS
    for part in ("by_class", "by_station", "by_pool", "by_slot"):
        for name, values in getattr(result, part).items():
            assert (getattr(whole, part)[name] == values).all()
    assert (whole.waits == result.waits).all()
    assert (whole.waiting == result.waiting).all()


def test_one_day_has_values_without_intervals(busy):
    """From a single day there is no interval, and no number that is not one."""
    found = estimates(simulate(busy, replications=1, seed=1))
    assert all(each.lower is None and each.upper is None for each in found)
    assert all(each.value is None or np.isfinite(each.value) for each in found)


def test_nobody_comes():
    """An empty branch has no waits and no shares, and says so with nothing."""
    quiet = changed(corner_branch(), ["class.*.rate=0"])
    found = by_key(estimates(simulate(quiet, replications=5, seed=1)))
    assert found["queues.wait_mean_seconds", None, None].value is None
    assert found["queues.abandoned_share", None, None].value is None
    assert found["twin.customers_per_day", None, None].value == 0.0
    assert found["twin.busy_share", None, "counter"].value == 0.0


def test_never_seen_is_not_never():
    """A share of which not one was seen has an upper limit above nought."""
    patient = dataclasses.replace(
        corner_branch(),
        classes=tuple(dataclasses.replace(kind, patience=None) for kind in corner_branch().classes),
    )
    found = by_key(estimates(simulate(patient, replications=30, seed=1)))
    lost = found["queues.abandoned_walked_out_share", None, None]
    assert (lost.value, lost.lower) == (0.0, 0.0)
    assert 0 < lost.upper < 0.002


def test_every_name_is_known():
    """A measure is one of the catalogue, or begins with ``twin.``."""
    for each in estimates(simulate(corner_branch(), replications=2, seed=1)):
        assert each.measure in catalogue() or each.measure.startswith("twin.")
