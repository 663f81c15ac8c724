"""Every declared measure on a bank of ten visits, worked out by hand."""

from dataclasses import replace
from math import log

import pytest

from branchwise.measures import catalogue as declared
from branchwise.measures.compute import compute
from branchwise.tables.assumptions import default_assumptions

# Queues. Ten visits that are not suspect, one of them at a machine and so without a wait. In order
# of wait: 0, 60, 100, 120 called (9, 8, 7, 6 at risk), 150 left (5), 200, 300, 400, 700 called
# (4, 3, 2, 1). Not yet called: 8/9, 7/9, 6/9, 5/9, then 5/9 * 3/4 = 15/36, * 2/3 = 10/36,
# * 1/2 = 5/36, 0. Area under the curve: 60 * 8/9 + 40 * 7/9 + 20 * 6/9 + 80 * 5/9 + 100 * 15/36
# + 100 * 10/36 + 300 * 5/36 = 253 1/3. Served waits: 0, 60, 100, 120, 200, 400, 700: mean 1580/7,
# P90 at rank 5.4: 400 + 0.4 * 300.
# The elderly: 0 and 700, both called. Standard 600 s: 7 of the 8 called; who left at 150 counts
# in neither part. Service: 120, 240, 300, 180, 60, 600, 90 recorded, one of eight not.
# Utilisation: A's Monday, 660 s of work in 2700 s on duty.
QUEUES = {
    "visits": 10,
    "wait_mean_seconds": 253 + 1 / 3,
    "wait_p50_seconds": 200,
    "wait_p90_seconds": 700,
    "wait_p95_seconds": 700,
    "wait_served_mean_seconds": 1580 / 7,
    "wait_served_p50_seconds": 120,
    "wait_served_p90_seconds": 520,
    "wait_served_p95_seconds": 610,
    "elderly_wait_mean_seconds": 350,
    "elderly_wait_p90_seconds": 700,
    "age_unknown_share": 8 / 10,
    "within_standard_share": 7 / 8,
    "abandoned_share": 2 / 10,
    "abandoned_walked_out_share": 1 / 10,
    "abandoned_redrawn_share": 0,
    "abandoned_diverted_share": 0,
    "abandoned_suspected_gaming_share": 0,
    "abandoned_unknown_share": 0,
    "no_show_share": 1 / 10,
    "empty_call_share": 1 / 11,
    "service_mean_seconds": 1590 / 7,
    "service_unrecorded_share": 1 / 8,
    "utilisation_share": 660 / 2700,
    "failback_share": 1 / 4,
    "authorisation_mean_seconds": 60,
    "authorisation_share": 2 / 5,
}
# Devices. 2 days of 8 h scheduled: 57,600 s. Monday 10:00-11:30 down (two faults that overlap) and
# 16:30-17:00 planned; Tuesday from 16:00, without an end, to closing: 5400 + 1800 + 3600 s.
# A's visits by quarter-hour: one of seven falls into Tuesday 16:00. In service 13 h, 3 failures.
# Mended: two spells of an hour; the open one is last seen when it begins. Uses: Monday 4 sessions
# (2 posted), Tuesday 2 posted, in 16 device-hours.
DEVICES = {
    "availability_share": 46_800 / 57_600,
    "planned_down_share": 1800 / 57_600,
    "unplanned_down_share": 9000 / 57_600,
    "availability_demand_weighted_share": 6 / 7,
    "mtbf_hours": 13 / 3,
    "mttr_hours": 1,
    "uses_per_device_hour": 6 / 16,
    "per_1000_visits": 1000 / 10,
}
# Channels. 5 counter, 4 machine, 1 mobile; without LOAN, 4 counter.
CHANNELS = {
    "diversion_ratio": 1,
    "off_counter_share": 5 / 10,
    "migration_share": 5 / 9,
    "transactions": 10,
}
# Staff. A's Monday: 120 + 240 s of work come 9:00-9:15 (capacity 900), 300 + 180 (the mean, for
# who left) 9:15-9:30, when the teller has a break. Skills asked for: A cash (two hold it), A loan,
# B cash (nobody).
STAFF = {"demand_cover_share": 360 / 840, "skill_cover_share": 1 / 3, "skill_depth_share": 1 / 3}
# Customers. Answers (5, 10, 7), (4, 9, 6), (3, 7, 5), (1, 0, 2) three times; one first complaint.
CUSTOMERS = {
    "csat_share": 2 / 4,
    "nps": 25,
    "ces_mean": 5,
    "complaints_per_10000_visits": 10_000 / 10,
}
# Economics. A's Monday: 0.75 h teller at 100 and 1 h manager at 220; the machine 80,000 over 5
# years and 8,000 a year; 4 visits, 5 transactions (3 counter, 2 machine). Three heads.
# Two customers with 6,000 and 3,000, two holdings that run (a third is repaid), and 500 people in
# the areas that were counted.
A_MONDAY = 75 + 220 + (16_000 + 8_000) / 365
ECONOMICS = {
    "cost_per_visit": A_MONDAY / 4,
    "cost_per_transaction": A_MONDAY / 5,
    "deposits_per_head": 9000 / 3,
    "aum_per_head": 11_000 / 3,
    "fee_income_per_head": 110 / 3,
    "deposits": 9000,
    "holdings_per_customer": 2 / 2,
    "customers_per_1000_inhabitants": 1000 * 2 / 500,
}
# Equity. A: 7 visits, 1 device, 2 staff; B: 3, 0, 1; each its own region. Devices: all with 7/10 of
# the visits. Staff: Lorenz points (7/10, 2/3), (1, 1): 1 - 7/10 * 2/3 - 3/10 * 5/3 = 1/30.
STAFF_THEIL = 2 / 3 * log(20 / 21) + 1 / 3 * log(10 / 9)
EQUITY = {
    "devices_gini": 3 / 10,
    "devices_theil": log(10 / 7),
    "devices_theil_between": log(10 / 7),
    "devices_theil_within": 0,
    "staff_gini": 1 / 30,
    "staff_theil": STAFF_THEIL,
    "staff_theil_between": STAFF_THEIL,
    "staff_theil_within": 0,
}
EXPECTED = {
    f"{subject}.{name}": value
    for subject, values in {
        "queues": QUEUES,
        "devices": DEVICES,
        "channels": CHANNELS,
        "staff": STAFF,
        "customers": CUSTOMERS,
        "economics": ECONOMICS,
        "equity": EQUITY,
    }.items()
    for name, value in values.items()
}


@pytest.fixture
def any_rows(monkeypatch):
    """Let measures answer from however few rows."""
    every = {
        name: replace(measure, minimum_rows=1) for name, measure in declared.catalogue().items()
    }
    monkeypatch.setattr(declared, "catalogue", lambda: every)


def test_every_measure_is_worked_out():
    """No measure is declared without a number worked out by hand."""
    assert set(EXPECTED) == set(declared.catalogue())


@pytest.mark.usefixtures("any_rows")
def test_all_measures_at_once(toy):
    """All measures, asked for together, give the numbers worked out by hand."""
    found = {row["measure"]: row["value"] for row in compute(toy, list(EXPECTED)).to_pylist()}
    wrong = {
        name: (found[name], value)
        for name, value in EXPECTED.items()
        if found[name] is None or found[name] != pytest.approx(value, rel=1e-12, abs=1e-12)
    }
    assert wrong == {}


@pytest.mark.usefixtures("any_rows")
@pytest.mark.parametrize("name", list(EXPECTED))
def test_each_measure_alone(toy, name):
    """A measure alone gives the same number as among the others, inside its interval."""
    [row] = compute(toy, [name]).to_pylist()
    assert row["value"] == pytest.approx(EXPECTED[name], rel=1e-12, abs=1e-12)
    if row["lower"] is not None:
        assert row["lower"] <= row["value"] + 1e-9
    if row["upper"] is not None:
        assert row["upper"] >= row["value"] - 1e-9


def test_few_rows_give_no_value(toy):
    """Below the minimum of rows the value is empty and the number of rows is given."""
    [row] = compute(toy, ["queues.abandoned_share"]).to_pylist()
    assert (row["value"], row["lower"], row["upper"], row["count_rows"]) == (None, None, None, 10)


@pytest.mark.usefixtures("any_rows")
def test_cells_of_dimensions(toy):
    """Cells by a column two references away: A lies in region N, B in S."""
    table = compute(toy, ["queues.abandoned_share", "devices.mtbf_hours"], by=["region_id"])
    found = {(row["measure"], row["region_id"]): row["value"] for row in table.to_pylist()}
    assert found == {
        ("queues.abandoned_share", "N"): pytest.approx(2 / 7),
        ("queues.abandoned_share", "S"): 0,
        ("devices.mtbf_hours", "N"): pytest.approx(13 / 3),
    }


@pytest.mark.usefixtures("any_rows")
def test_conditions(toy):
    """A condition on a referred column and a date leaves A's Monday: one of four left."""
    where = "branch_type = 'comprehensive' and local_on = date '2026-03-02'"
    [row] = compute(toy, ["queues.abandoned_share"], where=where).to_pylist()
    assert (row["value"], row["count_rows"]) == (1 / 4, 4)


@pytest.mark.usefixtures("any_rows")
def test_period_passes_by_registers(toy):
    """A period narrows the fees, not the heads, which have no days."""
    where = "local_on = date '2026-03-03'"
    [row] = compute(toy, ["economics.fee_income_per_head"], where=where).to_pylist()
    # Tuesday: one counter (LOAN) and two machine transactions of 10 each, three heads.
    assert row["value"] == pytest.approx(30 / 3)


@pytest.mark.usefixtures("any_rows")
@pytest.mark.parametrize(
    ("name", "table"),
    [("deposits", "customer"), ("aum", "customer"), ("fee_income", "transaction")],
)
def test_money_per_head_has_no_value_without_money(toy, make_table, name, table):
    """Staff alone do not make zero per head: where no amount is loaded nothing is known."""
    asked = f"economics.{name}_per_head"
    [before] = compute(toy, [asked]).to_pylist()
    assert before["count_rows"] > 0
    toy.register_table(table, make_table(table, []))
    [row] = compute(toy, [asked]).to_pylist()
    assert (row["value"], row["lower"], row["upper"], row["count_rows"]) == (None, None, None, 0)
    assert compute(toy, [asked], by=["branch_id"]).num_rows == 0


@pytest.mark.usefixtures("any_rows")
@pytest.mark.parametrize(("currency", "minor"), [("JPY", 1), ("CNY", 100), ("KWD", 1000)])
def test_money_counts_the_minor_units_of_its_currency(toy, make_table, currency, minor):
    """Amounts of 0, 2 and 3 decimals: deposits, fees and a machine's price by its model."""
    model = {"device_model_id": "M", "kind": "smart_counter", "life_years": 5.0}
    model |= {"price_minor": 80_000 * minor, "annual_maintenance_minor": 8_000 * minor}
    machine = {"device_id": "A-1", "branch_id": "A", "device_kind": "smart_counter"}
    toy.register_table("device_model", make_table("device_model", [model]))
    toy.register_table("device", make_table("device", [{**machine, "device_model_id": "M"}]))
    assumptions = replace(default_assumptions(), currency=currency)
    names = ["cost_per_visit", "deposits_per_head", "fee_income_per_head"]
    table = compute(toy, [f"economics.{name}" for name in names], assumptions=assumptions)
    found = {row["measure"].partition(".")[2]: row["value"] for row in table.to_pylist()}
    # 900,000 minor units of deposits; eleven fees of 1,000 minor units; three heads.
    assert found == {
        "cost_per_visit": pytest.approx(A_MONDAY / 4),
        "deposits_per_head": pytest.approx(900_000 / minor / 3),
        "fee_income_per_head": pytest.approx(11_000 / minor / 3),
    }
