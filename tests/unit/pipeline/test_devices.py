"""Devices of branches through the twin: mixes, costs, trust, budget, effects on other days."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import typer
from tests.unit.twin.bank import make_bank
from typer.testing import CliRunner

from branchwise.cli.optimise import OPTIMISE
from branchwise.cli.output import plain
from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES, Text
from branchwise.optimise.devices_example import corner_problem
from branchwise.optimise.verify_devices import Breach
from branchwise.pipeline.optimise import devices as stage
from branchwise.pipeline.optimise.devices import devices
from branchwise.pipeline.optimise.devices_effects import effects_of
from branchwise.pipeline.optimise.devices_problem import (
    Prices,
    Wanted,
    left_as_is,
    open_hours,
    problem_of,
)
from branchwise.pipeline.optimise.devices_twin import (
    TwinMixes,
    drawn_as_stored,
    drawn_from,
    late_or_lost,
    with_mix,
)
from branchwise.pipeline.twin.calibrate import calibrate
from branchwise.pipeline.twin.places import Twins
from branchwise.tables.assumptions import default_assumptions
from branchwise.twin.checks import require_sound
from branchwise.twin.example import corner_branch
from branchwise.twin.files import scenario_digest
from branchwise.twin.records import ValidationRecord, validation_text
from branchwise.twin.run import simulate

WORDS = Text(en="Fits.", zh_hant="相符。", zh_hans="相符。")
PROBLEM = corner_problem()
QUICK = Wanted(runs=500, days=4, worth=20.0)
PRICES = Prices(models={}, windows={}, floor_m2={}, assumptions=default_assumptions())


def trusted(twins, branch_id, verdict="trusted"):
    """Write a verdict on a stored twin."""
    record = ValidationRecord(
        branch_id=branch_id,
        scenario_digest=scenario_digest(twins.scenario(branch_id)),
        snapshot_id="1",
        version="1",
        seed=1,
        verdict=verdict,
        reason=WORDS,
        remedy=WORDS,
    )
    twins.write(twins.path(branch_id, "validation"), validation_text(record))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two branches, calibrated and trusted; tests that write take a copy."""
    root = make_bank(tmp_path_factory.mktemp("devices") / "bank")
    calibrate(root, workers=1)
    for name in ("east", "west"):
        trusted(Twins.of(root), name)
    return root


@pytest.fixture(scope="module")
def report(made):
    """Both branches decided, without a budget."""
    return devices(made, wanted=QUICK, workers=1)


@pytest.fixture
def bank(made, tmp_path):
    """A copy of the bank."""
    return shutil.copytree(made, tmp_path / "bank")


def codes(work):
    """Return the codes with which work is refused."""
    with pytest.raises(BranchwiseError) as refused:
        work()
    return [problem.code for problem in refused.value.problems]


@pytest.mark.parametrize("counts", [(1, 1, 1), (5, 4, 4), (2, 2, 1)])
def test_every_mix_can_be_simulated_and_todays_changes_nothing(counts):
    """Counts move wherever somebody is on duty; at least one stays; windows on call move along."""
    branch = corner_branch()
    changed = with_mix(branch, PROBLEM.resources, counts)
    require_sound(changed)
    peak = [max(step.count for step in one.open) for one in changed.stations]
    assert peak == [counts[1], counts[0]]
    assert changed.stations[0].flexible.limit[0].count == 3 + counts[1] - 2
    assert changed.pools[0] == branch.pools[0]
    assert (changed == branch) == (counts == PROBLEM.today)


def test_late_or_lost_are_all_who_were_not_called_in_time():
    """By hand from the counts of a run: came, less called within the standard."""
    result = simulate(corner_branch(), replications=30, seed=1)
    counts = result.by_class
    by_hand = (counts["customers"] - counts["within_standard"]).sum(axis=1)
    assert (late_or_lost(result) == by_hand).all()
    elderly = counts["customers"][:, 1] - counts["within_standard"][:, 1]
    assert (late_or_lost(result, elderly=True) == elderly).all()


def test_mixes_of_a_run_have_the_same_customers():
    """Alone or together, in one call or in two, a run gives a mix the same value."""
    twin = TwinMixes(resources=PROBLEM.resources, draw=drawn_as_stored([corner_branch()]), days=3)
    mixes = [(2, 2, 1), (1, 1, 1), (5, 4, 4)]
    together = twin(mixes, first_replication=0, replications=8, seed=5)
    for row, mix in enumerate(mixes):
        later = twin([mix], first_replication=4, replications=4, seed=5)
        assert (together[row, 4:] == later[0]).all()
    came = [twin.lived(mix, 3, 5).by_class["customers"].sum() for mix in mixes]
    assert len(set(came)) == 1
    assert together[2].sum() < together[0].sum() < together[1].sum()


def test_runs_draw_parameters_and_weekdays(made):
    """Each run has rates of its own; a round of runs meets every weekday; whole weeks share."""
    estimates = Twins.of(made).estimates("east")
    days = sorted(day for day in estimates.hours if day)
    draw = drawn_from(estimates)
    names = [draw(run, 1).name for run in range(2 * len(days))]
    assert sorted(names[: len(days)]) == sorted(names[len(days) :])
    assert len(set(names)) == len(days)
    assert draw(0, 1) == drawn_from(estimates)(0, 1)
    assert draw(0, 1) != draw(0, 2)

    def level(draws, run):
        machine = next(one for one in draws(run, 1).stations if one.name == "counter")
        return machine.speed

    week = drawn_from(estimates, whole_weeks=True)
    assert len({level(week, run) for run in range(len(days))}) == 1
    assert len({level(draw, run) for run in range(len(days))}) == len(days)


def test_costs_are_those_of_prices_and_schedules():
    """Worked out by hand from the assumptions and the plan of the corner branch."""
    known = default_assumptions()
    problem = problem_of("corner", [corner_branch()] * 5, PRICES, QUICK)
    stm, guide, window = problem.resources
    assert (stm.name, stm.today, stm.counts) == ("smart_counter", 2, (1, 2, 3, 4))
    assert (window.name, window.today, window.counts) == ("counter", 2, (1, 2, 3, 4))
    assert guide.today == 1
    price = known.value("smart_counter_price") + known.value("device_installation_cost")
    upkeep = known.value("smart_counter_price") * known.value("device_maintenance_share")
    a_year = price / known.value("device_life_years")
    by_hand = [upkeep + 2 * a_year, 2 * (upkeep + a_year), 3 * (upkeep + a_year)]
    assert np.array(stm.running_minor[:3]) / 100 == pytest.approx(by_hand)
    assert stm.price_minor == price * 100
    weeks, wage = known.value("open_weeks_per_year"), known.value("teller_cost_per_hour")
    hours = open_hours(corner_branch().stations[0].open, 17 * 3600.0)
    assert hours == 3 * 2 + 2 * 1 + 3 * 2
    assert window.running_minor[1] / 100 == pytest.approx(hours * 5 * weeks * wage)
    assert window.running_minor[0] / 100 == pytest.approx(8 * 5 * weeks * wage)
    assert problem.days_per_year == 5 * weeks
    assert left_as_is(problem, [corner_branch()]) == ()


def test_tables_go_before_assumptions_and_options_before_tables():
    """A model in use says its price; built windows and the zone's floor bound the mixes."""
    model = {
        "kind": "smart_counter", "price_minor": 5_000_000, "upkeep_minor": 100_000,
        "life_years": 10.0, "power_watts": 200.0,
    }  # fmt: skip
    prices = replace(
        PRICES, models={"smart_counter": model}, windows={"corner": 3}, floor_m2={"corner": 14.0}
    )
    problem = problem_of("corner", [corner_branch()], prices, QUICK)
    stm, _, window = problem.resources
    fee = default_assumptions().value("device_installation_cost") * 100
    assert stm.price_minor == 5_000_000 + fee
    assert stm.running_minor[1] == round(2 * (100_000 + (5_000_000 + fee) / 10))
    assert window.counts == (1, 2, 3)
    assert (problem.room.windows, problem.room.floor_m2) == (3, 14.0)
    asked = problem_of("corner", [corner_branch()], prices, replace(QUICK, space_m2=9.0))
    assert asked.room.floor_m2 == 9.0
    powered = problem_of("corner", [corner_branch()], prices, replace(QUICK, power_kw=1.0))
    assert powered.room.power_watts == 1000.0


def test_both_branches_are_decided_and_checked_on_other_days(report):
    """Probability, effects with intervals, no more capital than said, prices told as assumed."""
    assert [one.branch_id for one in report.branches] == ["east", "west"]
    for one in report.branches:
        assert 0 <= one.probability <= 1
        assert one.is_change == bool(one.effects)
        for effect in one.effects:
            assert effect.lower <= effect.difference <= effect.upper
            assert effect.value - effect.baseline == pytest.approx(effect.difference)
        assert one.counts == one.decision.mixes[one.proposed].counts
    assert report.network.capital_minor == sum(one.once_minor for one in report.branches)
    assert report.network.gap <= 1e-5
    assert any("smart_counter" in text.en for text in report.told)


def test_without_money_nothing_is_bought(made):
    """A budget of nothing: only what is moved for nothing could come, and moving costs."""
    broke = devices(made, wanted=replace(QUICK, budget=0.0), workers=1)
    assert broke.network.capital_minor == 0
    for one in broke.branches:
        stm = one.decision.problem.resources[0]
        assert one.counts[0] <= stm.today
    assert broke.as_json()["budget_minor"] == 0


def test_the_same_seed_decides_alike_whatever_the_workers(made, report):
    """Two processes and one give the same document."""
    again = devices(made, wanted=QUICK, workers=2)
    assert plain(again.as_json()) == plain(report.as_json())


def test_an_untrusted_twin_gets_no_proposal(bank):
    """Waits only, or changed since: the branch is named with the reason, nothing is promised."""
    twins = Twins.of(bank)
    trusted(twins, "west", verdict="waits_only")
    found = devices(bank, wanted=QUICK, workers=1)
    assert [one.branch_id for one in found.branches] == ["east"]
    assert any("west" in text.en and "Fits." in text.en for text in found.warnings)
    trusted(twins, "east", verdict="not_trusted")
    none = devices(bank, wanted=QUICK, workers=1)
    assert none.branches == ()
    assert none.as_json()["status"] == "not_simulated"
    assert len(none.warnings) == 2
    assert all(table.rows == () for table in none.as_tables("en"))


def test_a_calibration_without_estimates_says_that_intervals_are_narrow(bank):
    """The stored weekdays stand in; parameters are taken for certain, and that is told."""
    twins = Twins.of(bank)
    twins.estimates_path("east").unlink()
    found = devices(bank, ["east"], wanted=QUICK, workers=1)
    assert found.branches[0].is_certain
    assert any("estimates" in text.en for text in found.warnings)


def test_limits_that_leave_nothing_are_refused(made):
    """One square metre for machines; no such branch; too few runs; numbers that cannot be."""
    assert codes(lambda: devices(made, ["east"], wanted=replace(QUICK, space_m2=1.0))) == [
        "BW-OPT-022"
    ]
    assert codes(lambda: devices(made, ["south"], wanted=QUICK)) == ["BW-TWN-038"]
    assert codes(lambda: devices(made, ["east"], wanted=replace(QUICK, runs=20))) == ["BW-OPT-026"]
    wrong = replace(QUICK, budget=-1.0, indifference=0.0, days=0)
    assert codes(lambda: devices(made, wanted=wrong)) == ["BW-OPT-020"] * 3


def test_an_allocation_that_fails_the_second_look_is_not_handed_out(made, monkeypatch):
    """A fault of the program is told as one."""
    breach = Breach(kind="capital", found=2.0, wanted=1.0)
    monkeypatch.setattr(stage, "verify_devices", lambda *_: (breach,))
    assert codes(lambda: devices(made, ["east"], wanted=QUICK)) == ["BW-OPT-025"]


def test_an_effect_of_no_change_is_nothing():
    """Today's mix against itself: difference and interval are exactly 0."""
    twin = TwinMixes(resources=PROBLEM.resources, draw=drawn_as_stored([corner_branch()]), days=2)
    today = PROBLEM.today
    effects = effects_of(twin, today, today, weekdays=1, days_per_year=250.0, seed=3)
    for one in effects:
        assert (one.difference, one.lower, one.upper) == (0.0, 0.0, 0.0)
    lived = [late_or_lost(twin.lived(today, draw, 3)).mean() for draw in range(16)]
    assert effects[0].baseline == pytest.approx(np.mean(lived) * 250 / 12)
    assert effects[1].baseline < effects[0].baseline


def test_the_report_reads_in_three_languages_and_as_json(report):
    """One row a branch and resource, the branch's probability once; no words left unfilled."""
    rows = sum(len(one.decision.problem.resources) for one in report.branches)
    for language in LANGUAGES:
        tables = report.as_tables(language)
        assert len(tables[0].rows) == rows
        for table in tables:
            assert all(len(row) == len(table.columns) for row in table.rows)
            assert not any("{" in note for note in table.notes)
        assert all(text.read_in(language) for text in report.warnings)
    found = plain(report.as_json())
    resource = found["branches"][0]["resources"][0]
    assert resource["difference"] == resource["proposed"] - resource["today"]
    assert found["bound"] <= found["objective"]


def test_the_command_hands_its_options_on(made):
    """The verb runs with budget, floor and power and prints one JSON document."""
    app = typer.Typer()
    app.command("devices")(OPTIMISE[1])
    options = "--branch east --budget 90000 --space 12 --power 1 --worth 30 --runs 400 --days 2"
    more = "--worse 1 --indifference 9000 --method kn --workers 1 --json"
    ran = CliRunner().invoke(app, ["--workspace", str(made), *options.split(), *more.split()])
    assert ran.exit_code == 0, ran.output
    result = json.loads(ran.stdout)["result"]
    assert result["worth_minor"] == 3000
    assert result["budget_minor"] == 9_000_000
    assert result["branches"][0]["indifference_minor"] == 900_000
