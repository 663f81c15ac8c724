"""Staffing of a branch through the twin: groups, trust, target on unseen days, report."""

from dataclasses import replace

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from branchwise.cli.optimise import OPTIMISE, window
from branchwise.cli.output import plain
from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES, Text
from branchwise.optimise.solvers.staffing_repair import Effort
from branchwise.pipeline.init import init
from branchwise.pipeline.optimise.staffing import staffing
from branchwise.pipeline.optimise.staffing_groups import day_slots, groups_of
from branchwise.pipeline.optimise.staffing_problem import Wanted
from branchwise.pipeline.optimise.staffing_twin import TwinAppraisal, bound_seconds, rates_in_slots
from branchwise.pipeline.twin.places import Twins
from branchwise.twin.example import corner_branch
from branchwise.twin.files import scenario_digest, scenario_text
from branchwise.twin.laws import Exponential
from branchwise.twin.records import ValidationRecord, validation_text
from branchwise.twin.run import simulate
from branchwise.twin.scenario import Activity, ServiceLaw, Station, Step

QUICK = Effort(customers=(20_000, 40_000), margins=(1.0, 2.0))
AIM = Wanted(share=0.8)
WORDS = Text(en="Fits.", zh_hant="相符。", zh_hans="相符。")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "corner.toml"
    path.write_text(scenario_text(corner_branch()), encoding="utf-8")
    return path


def with_advice():
    """Return the corner branch with an advice desk that nobody shares."""
    branch = corner_branch()
    talk = Activity(
        name="advice", queue="advice", services=(ServiceLaw(law=Exponential(mean=1200.0)),)
    )
    desk = Station(
        name="desk", kind="advice", tiers=(("advice",),), open=(Step(at_second=32400.0, count=2),)
    )
    classes = (
        replace(branch.classes[0], mix={"cash": 0.4, "machine": 0.5, "advice": 0.1}),
        *branch.classes[1:],
    )
    return replace(
        branch,
        classes=classes,
        activities=(*branch.activities, talk),
        stations=(*branch.stations, desk),
    )


def test_groups_are_the_queues_that_share_people():
    """Counter and advice fall apart, machines are nobody's; windows on call are left out."""
    groups = groups_of(with_advice())
    assert [(one.name, one.posts) for one in groups] == [
        ("counter", ("counter",)),
        ("advice", ("desk",)),
    ]
    assert all(station.flexible is None for one in groups for station in one.scenario.stations)


def test_a_group_has_the_customers_of_its_queue():
    """Who joins the counter: its own, and the tenth of the machine's sessions that fail."""
    branch = corner_branch()
    ordinary, elderly = (sum(one.rates_per_hour) / 4 for one in branch.classes)
    (group,) = groups_of(branch)
    expected = ordinary * (0.45 + 0.055) + elderly * (0.9 + 0.01)
    found = rates_in_slots(group.scenario, day_slots(branch)).sum() / 4
    assert found == pytest.approx(expected)
    days = simulate(replace(group.scenario, day_shape=None), replications=400, seed=1)
    assert days.by_class["customers"].sum() / 400 == pytest.approx(expected, rel=0.02)


def test_people_are_bound_for_service_walk_and_second_person():
    """The mean of the sampled times is that of the laws."""
    (group,) = groups_of(corner_branch())
    ordinary, elderly = (
        sum(one.rates_per_hour) * sum(one.mix.values()) for one in group.scenario.classes
    )
    share = elderly / (ordinary + elderly)
    service = 260 * (1 + 0.25 * share) + 0.15 * 60
    walk = 6.0 / 1.2 * (1 - share) + 6.0 / 0.8 * share
    assert np.mean(bound_seconds(group.scenario, ("counter",))) == pytest.approx(
        service + walk, rel=0.04
    )


def test_groups_are_appraised_apart_and_remembered():
    """A change at the desk leaves the counter's days as they were, without simulating them."""
    branch = with_advice()
    appraise = TwinAppraisal(
        groups=groups_of(branch), slots=day_slots(branch), factor=1.0, seconds=600.0
    )
    plans = np.full((2, 2, 32), 2)
    plans[1, 1] = 1
    found = appraise(plans, replications=30, seed=1)
    assert (found.within[0, :, 0] == found.within[1, :, 0]).all()
    assert found.within[0, :, 1].sum() > found.within[1, :, 1].sum()
    assert (found.customers[0] == found.customers[1]).all()


def test_every_quarter_hour_of_a_branch_meets_its_target(file, tmp_path):
    """Fewer hours than by formula, and on days of another seed no slot below 80 %."""
    report = staffing(tmp_path, scenario=str(file), wanted=AIM, seed=3)
    problem = report.problem
    groups = groups_of(corner_branch())
    appraise = TwinAppraisal(
        groups=groups, slots=problem.slots, factor=problem.demand_factor, seconds=600.0
    )
    lived = appraise(report.people[None], replications=5000, seed=99)
    assert (lived.within.sum(axis=1) / lived.customers.sum(axis=1)).min() >= 0.8
    assert report.decision.status == "met"
    assert problem.hours(report.people) < problem.hours(report.offered_load)


def test_the_report_reads_in_three_languages_and_as_json(file, tmp_path):
    """One row a post and quarter-hour, with share, interval and what formulas would have said."""
    report = staffing(tmp_path, scenario=str(file), wanted=AIM, effort=QUICK)
    for language in LANGUAGES:
        (table,) = report.as_tables(language)
        assert len(table.rows) == 32
        assert len(table.columns) == len(table.rows[0])
    found = plain(report.as_json())
    row = found["rows"][0]
    assert row["from"] == "09:00"
    assert row["lower"] <= row["attained"] <= row["upper"]
    assert found["saved_share"] == pytest.approx(
        1 - found["hours"] / found["hours_offered_load"], abs=1e-9
    )
    assert found["verdict"] == "not_validated"
    assert report.warnings


def test_an_untrusted_twin_is_not_quoted(tmp_path):
    """Stored and never validated: the offered load and a warning; validated: simulated."""
    init(tmp_path)
    branch = corner_branch()
    twins = Twins.of(tmp_path)
    twins.write(twins.path("corner", "scenario"), scenario_text(branch))
    before = staffing(tmp_path, "corner", wanted=AIM, effort=QUICK)
    assert before.decision is None
    assert (before.people == before.offered_load).all()
    short = staffing(tmp_path, "corner", wanted=replace(AIM, people=1))
    assert short.people.max() == 1
    assert before.as_json()["status"] == "not_simulated"
    assert before.as_json()["rows"][0]["attained"] is None
    assert len(before.warnings) == 1
    record = ValidationRecord(
        branch_id="corner",
        scenario_digest=scenario_digest(twins.scenario("corner")),
        snapshot_id="1",
        version="1",
        seed=1,
        verdict="trusted",
        reason=WORDS,
        remedy=WORDS,
    )
    twins.write(twins.path("corner", "validation"), validation_text(record))
    after = staffing(tmp_path, "corner", wanted=AIM, effort=QUICK)
    assert after.decision is not None
    assert after.warnings == ()


def test_too_few_people_are_told_with_the_need(file, tmp_path):
    """With one person at a time the worst quarter-hour is named, and that two would do."""
    with pytest.raises(BranchwiseError) as caught:
        staffing(tmp_path, scenario=str(file), wanted=replace(AIM, people=1), effort=QUICK)
    assert caught.value.problems[0].code == "BW-OPT-002"
    assert caught.value.problems[0].values["needed"] in {2, 3}


def test_no_time_still_gives_a_staffing(file, tmp_path):
    """A time limit of nothing hands out the first guess and says that the search was stopped."""
    report = staffing(tmp_path, scenario=str(file), wanted=AIM, effort=QUICK, time_limit=0.0)
    assert report.decision.status == "time_limit"
    assert any("--time-limit" in warning.en for warning in report.warnings)


def test_a_scenario_of_machines_only_has_nobody_to_staff(tmp_path):
    """Machines are devices, not people."""
    branch = corner_branch()
    only = replace(
        branch,
        classes=tuple(replace(one, mix={"machine": 1.0}) for one in branch.classes),
        activities=(replace(branch.activities[1], routes=(), requests=()),),
        stations=(branch.stations[1],),
    )
    path = tmp_path / "machines.toml"
    path.write_text(scenario_text(only), encoding="utf-8")
    with pytest.raises(BranchwiseError) as caught:
        staffing(tmp_path, scenario=str(path), wanted=AIM)
    assert caught.value.problems[0].code == "BW-OPT-005"


def test_the_command_hands_its_options_on(file, tmp_path):
    """The verb runs with limits and lunch and prints one JSON document."""
    app = typer.Typer()
    app.command("staffing")(OPTIMISE[0])
    options = "--share 0.8 --people 3 --lunch 11:30-13:30 --lunch-minutes 30 --block-minutes 60"
    where = ["--workspace", str(tmp_path), "--scenario", str(file)]
    ran = CliRunner().invoke(app, [*where, *options.split(), "--json"])
    assert ran.exit_code == 0, ran.output
    assert '"people_present": 3' in ran.stdout or '"people_present": 2' in ran.stdout


@pytest.mark.parametrize("given", ["noon", "13:00-12:00", "9-10", "1:2-3:4-5:6"])
def test_a_window_that_is_none_is_refused(given):
    """Lunch is HH:MM-HH:MM, the first before the last."""
    with pytest.raises(BranchwiseError) as caught:
        window(given)
    assert caught.value.problems[0].code == "BW-OPT-004"
