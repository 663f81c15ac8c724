"""The twin's verbs on a bank whose days were simulated: stored, resumed, the same everywhere."""

from __future__ import annotations

import dataclasses
import json
import shutil

import pytest
from tests.unit.twin.bank import make_bank

from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES
from branchwise.core.progress import silent
from branchwise.pipeline.twin import sweep as sweeping
from branchwise.pipeline.twin.calibrate import calibrate
from branchwise.pipeline.twin.compare import compare
from branchwise.pipeline.twin.days import measured
from branchwise.pipeline.twin.places import Twins
from branchwise.pipeline.twin.run import run
from branchwise.pipeline.twin.simulated import Effort
from branchwise.pipeline.twin.sweep import sweep
from branchwise.pipeline.twin.trust import trust
from branchwise.pipeline.twin.validate import validate
from branchwise.twin.calibrate.assemble import scenario_of
from branchwise.twin.example import corner_branch
from branchwise.twin.files import load_scenario, scenario_text
from branchwise.twin.records import load_calibration, load_validation
from branchwise.warehouse.workspace import Workspace

FEW = Effort(replications=30)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two branches, calibrated, one of them validated; tests that write take a copy."""
    root = make_bank(tmp_path_factory.mktemp("twin") / "bank", without_visits=("new",))
    calibrate(root, workers=1)
    validate(root, ["east"], replications=20, workers=1)
    return root


@pytest.fixture
def bank(made, tmp_path):
    """A copy of it."""
    return shutil.copytree(made, tmp_path / "bank")


def codes(work):
    """Return the codes with which work is refused."""
    with pytest.raises(BranchwiseError) as refused:
        work()
    return [problem.code for problem in refused.value.problems]


def test_what_is_stored(made):
    """A branch has scenarios of the mean open day and each weekday, and records that read back."""
    twins = Twins.of(made)
    assert twins.branches() == ("east", "west")
    assert twins.names("east") == ("scenario", *(f"weekday_{day}" for day in range(1, 8)))
    scenario = twins.scenario("east")
    assert scenario.branch_id == "east"
    record = load_calibration(twins.path("east", "calibration"))
    assert (record.strength, len(record.days_used)) == ("tickets", 32)
    assert {each.name for each in record.parameters} >= {"arrivals.rate", "service.mean"}
    assert load_validation(twins.path("east", "validation")).branch_id == "east"
    assert not [path.name for path in twins.folder("east").iterdir() if path.name.endswith(".new")]


def test_stored_estimates_give_the_stored_scenarios(bank):
    """Scenarios put together from the file are those beside it; without it a branch is told."""
    twins = Twins.of(bank)
    found = twins.estimates("east")
    for weekday in range(1, 8):
        made = scenario_of(found, weekday)
        assert scenario_text(made) == scenario_text(twins.scenario("east", f"weekday_{weekday}"))
    twins.estimates_path("east").unlink()
    assert codes(lambda: twins.estimates("east")) == ["BW-TWN-047"]
    assert codes(lambda: twins.estimates("new")) == ["BW-TWN-038"]


def test_a_branch_that_cannot_be_calibrated_stops_no_other(bank):
    """One without data is told as a warning, and alone it is an error."""
    report = calibrate(bank, ["new", "west"], workers=1)
    assert [record.branch_id for record in report.records] == ["west"]
    (warning,) = report.warnings
    assert "new" in warning.en
    assert "BW-CAL-002" in warning.zh_hant
    assert codes(lambda: calibrate(bank, ["new"], workers=1)) == ["BW-CAL-002"]
    assert codes(lambda: calibrate(bank, ["north"])) == ["BW-TWN-036"]


def test_nothing_to_calibrate(tmp_path):
    """A bank without visits says what to load."""
    root = make_bank(tmp_path / "empty", branches=(), without_visits=("new",), days=0)
    assert codes(lambda: calibrate(root)) == ["BW-TWN-037"]
    assert codes(lambda: sweep(root)) == ["BW-TWN-038"]


def test_the_verdict_goes_first(made):
    """A run carries the verdict on its branch before its rows, whatever it is."""
    report = run(made, "east", effort=FEW)
    document = json.loads(json.dumps(report.as_json(), allow_nan=False))
    assert next(iter(document)) == "verdict"
    assert document["verdict"] in {"trusted", "waits_only", "not_trusted"}
    assert document["replications"] == 30
    keys = {"measure", "class", "station", "value", "lower", "upper"}
    assert all(set(row) >= keys for row in document["rows"])
    assert run(made, "west", effort=FEW).as_json()["verdict"] == "not_validated"
    for language in LANGUAGES:
        first, table = report.as_tables(language)
        assert "east" in first.notes[0]
        assert all(len(row) == len(table.columns) for row in table.rows)


def test_a_verdict_holds_for_its_calibration_only(bank):
    """After the scenario is changed by hand, the branch counts as not validated."""
    twins = Twins.of(bank)
    assert trust(twins, "east").verdict != "not_validated"
    changed = dataclasses.replace(twins.scenario("east"), standard_seconds=300.0)
    twins.write(twins.path("east", "scenario"), scenario_text(changed))
    assert trust(twins, "east").verdict == "not_validated"
    assert run(bank, "east", effort=FEW).trust.verdict == "not_validated"


def test_validate_tells_everything(bank):
    """One branch has its verdict on top, several stand in a list."""
    document = validate(bank, ["east"], replications=20, workers=1).as_json()
    assert set(document) >= {"verdict", "reason", "rows", "coverage", "branches"}
    assert 0 <= document["coverage"] <= 1
    assert all(set(row) >= {"measure", "observed", "mean", "lower", "upper"}
               for row in document["rows"])  # fmt: skip
    report = validate(bank, replications=10, workers=1)
    assert [each["branch_id"] for each in report.as_json()["branches"]] == ["east", "west"]
    assert "verdict" not in report.as_json()
    for language in LANGUAGES:
        assert len(report.as_tables(language)[0].rows) == 2


def test_a_scenario_file_needs_no_workspace(tmp_path):
    """A file alone is simulated, and counts as not validated."""
    path = tmp_path / "corner.toml"
    path.write_text(scenario_text(corner_branch()), encoding="utf-8")
    report = run(tmp_path / "nothing", scenario=str(path), effort=FEW)
    assert (report.branch_id, report.trust.verdict) == ("corner", "not_validated")
    assert codes(lambda: run(tmp_path / "nothing", "corner")) == ["BW-WHS-001"]


def test_precision(made):
    """Days are added until the mean wait is known as well as wanted, and it says so if not."""
    report = run(made, "east", effort=Effort(precision=0.1))
    row = report.rows[0]
    assert report.reached.is_reached
    assert (row["upper"] - row["value"]) / row["value"] <= 0.1
    again = run(made, "east", effort=Effort(replications=report.replications))
    assert again.rows == report.rows


def test_precision_beyond_reach(made, monkeypatch):
    """The cap ends the work, with a warning."""
    monkeypatch.setattr("branchwise.pipeline.twin.simulated.CAP", 50)
    report = run(made, "east", effort=Effort(precision=0.001))
    assert report.replications == 50
    assert "0.1%" in report.warnings[0].en


@pytest.mark.parametrize(
    ("effort", "code"),
    [
        (Effort(replications=0), "BW-TWN-039"),
        (Effort(replications=-1), "BW-TWN-039"),
        (Effort(precision=0.0), "BW-TWN-039"),
        (Effort(precision=float("nan")), "BW-TWN-039"),
        (Effort(replications=10, precision=0.1), "BW-TWN-039"),
    ],
)
def test_efforts_that_cannot_be(made, effort, code):
    """No days, a precision of nothing, or both at once are refused by every verb."""
    for work in (run, compare):
        assert codes(lambda work=work: work(made, "east", effort=effort)) == [code]
    assert codes(lambda: sweep(made, effort=effort)) == [code]


def test_which_branch(made):
    """Of several branches one must be named; one that is not there is refused."""
    assert codes(lambda: run(made)) == ["BW-TWN-045"]
    assert codes(lambda: run(made, "north")) == ["BW-TWN-038"]
    assert codes(lambda: run(made, "east", scenario="weekday_9")) == ["BW-TWN-038"]
    assert codes(lambda: validate(made, ["new"])) == ["BW-TWN-038"]
    assert run(made, "east", scenario="weekday_2", effort=FEW).scenario_name == "weekday_2"


def test_compare_pairs_days(made):
    """One more window shortens the wait; the same scenario twice is no comparison."""
    report = compare(made, "east", changes=["station.*.open=+1@9:00-17:00"], effort=FEW)
    wait = report.as_json()["rows"][0]
    assert wait["measure"] == "queues.wait_mean_seconds"
    assert wait["difference"] == wait["b"] - wait["a"]
    assert wait["upper"] < 0
    assert wait["is_distinct"]
    for language in LANGUAGES:
        table = report.as_tables(language)[1]
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert table.rows[0][-1]
    assert codes(lambda: compare(made, "east")) == ["BW-TWN-046"]
    assert codes(lambda: compare(made, "east", scenarios=("a", "b", "c"))) != []


def test_compare_two_scenarios(made):
    """Monday against Tuesday, by their names."""
    report = compare(made, "west", scenarios=("weekday_1", "weekday_2"), effort=FEW)
    assert (report.name_a, report.name_b) == ("weekday_1", "weekday_2")


def bytes_of(root):
    """Return the stored results of a sweep by branch and name."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.glob("twin/*/runs/*.json"))
    }


def test_a_sweep_is_the_same_with_any_number_of_workers(made, tmp_path):
    """One process or three: the same bytes."""
    found = []
    for workers in (1, 3):
        root = shutil.copytree(made, tmp_path / str(workers))
        report = sweep(root, effort=FEW, workers=workers)
        assert report.count_before == 0
        found.append(bytes_of(root))
    assert len(found[0]) == 2
    assert found[0] == found[1]


class StoppedError(Exception):
    """The user's Ctrl-C."""


def test_an_interrupted_sweep_goes_on(bank, monkeypatch):
    """What was done before the interruption is not done again, and nothing is half-written."""
    whole = sweep(shutil.copytree(bank, bank.parent / "whole"), effort=FEW, workers=1)
    real, seen = sweeping.simulated, []

    def stopping(scenario, effort, seed):
        seen.append(scenario.branch_id)
        if len(seen) == 2:
            raise StoppedError
        return real(scenario, effort, seed)

    monkeypatch.setattr(sweeping, "simulated", stopping)
    with pytest.raises(StoppedError):
        sweep(bank, effort=FEW, workers=1)
    assert len(bytes_of(bank)) == 1
    report = sweep(bank, effort=FEW, workers=1)
    assert seen == ["east", "west", "west"]
    assert report.count_before == 1
    assert bytes_of(bank) == bytes_of(bank.parent / "whole")
    assert [each["rows"] for each in report.results] == [each["rows"] for each in whole.results]


def test_a_sweep_knows_what_it_is_of(bank):
    """Other days, another seed or a change is another result, and nothing is taken for it."""
    for effort, seed, changes in (
        (FEW, 1, ()),
        (Effort(replications=31), 1, ()),
        (FEW, 2, ()),
        (FEW, 1, ("class.*.rate=*1.1",)),
    ):
        report = sweep(bank, ["east"], effort=effort, seed=seed, changes=changes, workers=1)
        assert report.count_before == 0
    assert sweep(bank, ["east"], effort=FEW, workers=1).count_before == 1
    document = sweep(bank, effort=FEW, workers=1).as_json()
    assert {row["branch_id"] for row in document["rows"]} == {"east", "west"}
    assert [each["verdict"] for each in document["branches"]][1] == "not_validated"


def test_a_change_that_fits_one_branch_only(bank):
    """A branch that lacks what is changed is told and stops no other."""
    twins = Twins.of(bank)
    scenario = twins.scenario("west")
    stations = tuple(
        dataclasses.replace(each, name="desk") if each.kind == "counter" else each
        for each in scenario.stations
    )
    other = dataclasses.replace(scenario, stations=stations)
    twins.write(twins.path("west", "scenario"), scenario_text(other))
    report = sweep(bank, changes=["station.desk.open=+1"], effort=FEW, workers=1)
    assert [each["branch_id"] for each in report.results] == ["west"]
    assert "BW-TWN-041" in report.warnings[0].en


def test_simulated_days_are_tables(bank):
    """A trace is canonical rows beside the bank's own, and the same measures run on it."""
    before = Workspace.open(bank).warehouse
    stored = sorted(path.name for path in before.rglob("*"))
    report = run(bank, "east", effort=FEW, trace=True)
    ((name, folder),) = report.files
    assert (name, folder.parent) == ("trace", Twins.of(bank).folder("east"))
    assert {path.stem for path in folder.glob("*.parquet")} >= {"visit", "visit_step", "shift"}
    assert load_scenario(folder / "scenario.toml") == Twins.of(bank).scenario("east")
    (row,) = measured(bank, folder, ["queues.abandoned_share"])
    share = next(each for each in report.rows if each["measure"] == "queues.abandoned_share")
    assert row["value"] == pytest.approx(share["value"])
    assert sorted(path.name for path in before.rglob("*")) == stored
    again = {path.name: path.read_bytes() for path in folder.iterdir()}
    run(bank, "east", effort=FEW, trace=True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == again


def test_a_page_that_plays(bank, tmp_path):
    """The player is one file that asks nothing of a network."""
    report = run(bank, "east", effort=FEW, play=tmp_path / "pages" / "day.html", language="zh-Hant")
    text = dict(report.files)["play"].read_text(encoding="utf-8")
    assert "<html" in text
    assert "http://" not in text.replace("http://www.w3.org", "")


def test_two_at_once(bank):
    """A second command that writes waits for the first, and says so."""
    told = []
    progress = silent()
    progress.note = told.append
    twins = Twins.of(bank)
    with twins.writing(silent()):
        import threading

        done = []
        other = threading.Thread(
            target=lambda: done.append(
                sweep(bank, ["east"], effort=FEW, workers=1, progress=progress)
            )
        )
        other.start()
        other.join(timeout=2)
        assert done == []
    other.join(timeout=60)
    assert len(done) == 1
    assert "waiting" in str(told[0])
