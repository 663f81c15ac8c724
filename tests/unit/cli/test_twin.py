"""``branchwise twin``: what is typed, what is answered, and with which exit code."""

from __future__ import annotations

import json
import resource
import subprocess
import sys

import pytest
from tests.unit.twin.bank import make_bank

from branchwise.cli.main import main
from branchwise.twin.example import corner_branch
from branchwise.twin.files import scenario_text

PROGRAM = (
    "import atexit, sys, branchwise.cli.main as m;"
    "atexit.register(lambda: sys.stderr.write(chr(10).join(sys.modules)));"
    "m.run()"
)


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    """One branch, calibrated from the command line."""
    root = make_bank(tmp_path_factory.mktemp("twin") / "bank", branches=("east",))
    assert main(["twin", "calibrate", "--workspace", str(root), "--workers", "1"]) == 0
    return root


def result(capsys, *arguments, code=0):
    """Run one command with --json and return its document."""
    assert main(["twin", *map(str, arguments), "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_calibrate_answers_with_every_number(bank, capsys):
    """Each branch has its parameters with intervals, the days used and those left out."""
    document = result(capsys, "calibrate", "--workspace", bank, "--branch", "east", "--workers", 1)
    assert document["command"] == "twin calibrate"
    (branch,) = document["result"]["branches"]
    assert branch["branch_id"] == "east"
    assert set(branch["parameters"][0]) >= {"name", "value", "lower", "upper", "unit", "source"}


def test_validate_has_the_agreed_shape(bank, capsys):
    """Verdict, reason, rows and coverage of one branch; exit code 1 if asked to fail."""
    arguments = ("validate", "--workspace", bank, "--replications", 20, "--workers", 1)
    found = result(capsys, *arguments)["result"]
    assert found["verdict"] in {"trusted", "waits_only", "not_trusted"}
    assert found["reason"]
    assert isinstance(found["coverage"], float)
    assert set(found["rows"][0]) >= {"measure", "observed", "mean", "lower", "upper"}
    code = 0 if found["verdict"] == "trusted" else 1
    result(capsys, *arguments, "--fail-on-distrust", code=code)


def test_run_has_the_agreed_shape(bank, capsys):
    """Rows with class and station, replications and the verdict; the seed on top."""
    document = result(capsys, "run", "--workspace", bank, "--replications", 20, "--seed", 5)
    assert (document["command"], document["seed"]) == ("twin run", 5)
    found = document["result"]
    assert found["replications"] == 20
    assert "verdict" in found
    assert {"measure", "class", "station", "value", "lower", "upper"} <= set(found["rows"][0])


def test_the_same_seed_gives_the_same_rows(bank, capsys):
    """Two runs of one seed agree to the last digit; another seed differs."""
    rows = [
        result(capsys, "run", "--workspace", bank, "--replications", 20, "--seed", seed)["result"][
            "rows"
        ]
        for seed in (3, 3, 4)
    ]
    assert rows[0] == rows[1] != rows[2]


def test_people_see_the_verdict_first(bank, capsys):
    """The first line on stdout is the verdict, in the language asked for."""
    assert main(["twin", "run", "--workspace", str(bank), "--replications", "20",
                 "--lang", "zh-Hant"]) == 0  # fmt: skip
    shown = capsys.readouterr()
    assert shown.out.strip().startswith("網點 east：模擬")
    assert "模擬營業日" in shown.err


def test_compare_from_the_command_line(bank, capsys):
    """--set is made to the second scenario only, and may be given again."""
    document = result(
        capsys, "compare", "--workspace", bank, "--replications", 20,
        "--set", "station.*.open=+1@10:00-12:00", "--set", "class.*.rate=*0.9",
    )  # fmt: skip
    row = document["result"]["rows"][0]
    assert set(row) >= {"measure", "class", "station", "a", "b", "difference", "lower", "upper"}
    assert row["difference"] < 0


def test_a_sweep_from_the_command_line(bank, capsys):
    """--sweep answers with a list of branches, and a second one finds them done."""
    arguments = ("run", "--workspace", bank, "--sweep", "--replications", 10, "--workers", 1)
    assert result(capsys, *arguments)["result"]["done_before"] == 0
    found = result(capsys, *arguments)["result"]
    assert found["done_before"] == 1
    assert found["branches"][0]["branch_id"] == "east"
    assert found["rows"][0]["branch_id"] == "east"


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (["run", "--replications", "0"], 2, "BW-TWN-039"),
        (["run", "--replications", "many"], 2, "BW-CLI-001"),
        (["run", "--branch", "north"], 2, "BW-TWN-038"),
        (["run", "--set", "station.counter=1"], 2, "BW-TWN-042"),
        (["run", "--sweep", "--trace"], 2, "BW-TWN-039"),
        (["run", "--scenario", "nowhere.toml"], 3, "BW-TWN-030"),
        (["run", "--sweep", "--workers", "0"], 2, "BW-TWN-039"),
        (["compare"], 2, "BW-TWN-046"),
        (["calibrate", "--branch", "north"], 2, "BW-TWN-036"),
        (["conquer"], 2, "BW-CLI-001"),
    ],
)
def test_misuse(bank, capsys, arguments, code, problem):
    """What cannot be done ends with its code, and the document says which command it was."""
    at = [] if arguments[0] == "conquer" else ["--workspace", bank]
    document = result(capsys, *arguments, *at, code=code)
    assert document["problems"][0]["code"] == problem
    assert document["command"] == f"twin {arguments[0]}"


def test_an_unsound_scenario_is_bad_input(tmp_path, capsys):
    """A file that reads but cannot be simulated exits with 3."""
    path = tmp_path / "corner.toml"
    text = scenario_text(corner_branch()).replace('queue = "machine"', 'queue = "nobody"')
    path.write_text(text, encoding="utf-8")
    document = result(capsys, "run", "--scenario", path, code=3)
    assert document["problems"][0]["code"].startswith("BW-TWN-0")


def test_no_workspace(tmp_path, capsys):
    """Without a workspace every verb says how to make one."""
    for verb in ("calibrate", "validate", "run", "compare"):
        document = result(capsys, verb, "--workspace", tmp_path / "none", code=2)
        assert document["problems"][0]["code"] == "BW-WHS-001"


def test_the_compiler_is_announced(bank, capsys, monkeypatch):
    """Where the simulator has not been compiled yet, people are told why it takes a while."""
    monkeypatch.setattr("branchwise.twin.kernel.compiled.is_compiled", lambda: False)
    assert main(["twin", "run", "--workspace", str(bank), "--replications", "5"]) == 0
    assert "Compiling the simulator (once on this machine)" in capsys.readouterr().err


def test_help_is_quick():
    """Help of the group costs under 0.7 CPU-seconds (best of three) and compiles nothing."""
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM, "twin", "--help"],
            capture_output=True,
            text=True,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    for verb in ("calibrate", "validate", "run", "compare"):
        assert f"  {verb} " in ran.stdout
    assert "numba" not in ran.stderr
    assert min(spent) < 0.7
