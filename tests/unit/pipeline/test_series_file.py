"""The forecast of a file: its rows and scores, its words, and every file that is refused."""

import json
from datetime import date, timedelta

import pytest

from branchwise.cli.main import main
from branchwise.core.languages import LANGUAGES

WEEK = [40, 30, 31, 29, 50, 20, 10]


def written(path, rows, heading="branch,day,visits"):
    path.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
    return str(path)


def days(count, series="B1"):
    return [
        f"{series},{date(2026, 1, 5) + timedelta(days=n)},{WEEK[n % 7] + n * 7 % 5}"
        for n in range(count)
    ]


def asked(file, *more):
    columns = ("--id", "branch", "--time", "day", "--value", "visits", "--horizon", "7")
    return main(["forecast", file, *columns, *more])


def test_rows_and_scores(tmp_path, capsys):
    """Every slot of every level has its row; the plain forecast is always among the scores."""
    assert asked(written(tmp_path / "v.csv", days(70)), "--level", "80", "--json") == 0
    result = json.loads(capsys.readouterr().out)["result"]
    assert len(result["rows"]) == 7
    first = result["rows"][0]
    assert (first["id"], first["time"], first["level"]) == ("B1", "2026-03-16", 80)
    assert first["lower"] <= first["mean"] <= first["upper"]
    assert first["mean"] == pytest.approx(42, rel=0.1)
    assert {"seasonal_naive", "combination"} <= {row["model"] for row in result["backtest"]}
    assert all({"smape", "mase", "wmape", "coverage"} <= set(row) for row in result["backtest"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_for_people(tmp_path, capsys, language):
    """Model, reason and the comparison with last season stand in each language."""
    assert asked(written(tmp_path / "v.csv", days(70)), "--lang", language) == 0
    shown = capsys.readouterr().out
    assert "B1" in shown
    assert "sMAPE" in shown


@pytest.mark.parametrize(
    ("code", "rows", "exit_code"),
    [
        ("BW-FOR-003", [*days(30), days(30)[4]], 3),
        ("BW-FOR-006", [*days(30), "B1,tomorrow,4"], 3),
        ("BW-FOR-006", [*days(30), "B1,2026-02-30,4"], 3),
        ("BW-FOR-007", [*days(30), "B1,2026-03-01,many"], 3),
        ("BW-FOR-007", [*days(30), "B1,2026-03-01,inf"], 3),
        ("BW-FOR-008", [], 3),
        ("BW-FOR-008", ["B1,2026-01-05,"], 3),
    ],
)
def test_bad_rows_are_refused(tmp_path, capsys, code, rows, exit_code):
    """Each bad file ends in its six-part error."""
    assert asked(written(tmp_path / "v.csv", rows), "--json") == exit_code
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert [problem["code"] for problem in problems] == [code]


def test_wrong_columns_options_and_files_are_refused(tmp_path, capsys, monkeypatch):
    """An unknown column, an impossible level, a folder, too much: each says what to do."""
    from branchwise.pipeline.forecast import series_file

    file = written(tmp_path / "v.csv", days(30))
    wrong = written(tmp_path / "w.csv", days(30), "branch,day,count")
    broken = tmp_path / "x.csv"
    broken.write_bytes(b"branch,day,visits\nB1,2026-01-05,\xff\xfe,\n")
    for code, call in (
        ("BW-FOR-002", lambda: asked(wrong, "--json")),
        ("BW-FOR-009", lambda: asked(file, "--level", "100", "--json")),
        ("BW-FOR-001", lambda: asked(str(broken), "--json")),
    ):
        assert call() in {2, 3}
        problems = json.loads(capsys.readouterr().out)["problems"]
        assert [problem["code"] for problem in problems] == [code]
    monkeypatch.setattr(series_file, "MOST_VALUES", 10)
    assert asked(file, "--json") == 3
    assert json.loads(capsys.readouterr().out)["problems"][0]["code"] == "BW-FOR-010"


def test_two_points_and_constants_get_a_named_fallback(tmp_path, capsys):
    """Too little to learn from is answered plainly, and the reason says so."""
    rows = [*days(2, "B1"), *[f"B2,{row.split(',')[1]},5" for row in days(2)]]
    assert asked(written(tmp_path / "v.csv", rows), "--json") == 0
    result = json.loads(capsys.readouterr().out)["result"]
    assert [row["reason"] for row in result["series"]] == ["too_short_to_test", "constant"]
    assert result["backtest"] == []


def answered(capsys, *call):
    assert asked(*call, "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_what_could_not_be_tested_gets_a_wide_interval_and_is_named(tmp_path, capsys):
    """Two values far apart, and a single one: no interval of no width, and a warning."""
    rows = ["B1,2026-01-05,3", "B1,2026-01-06,90", "B2,2026-01-06,16"]
    found = answered(capsys, written(tmp_path / "v.csv", rows))
    widths = {
        (row["id"], row["level"]): row["upper"] - row["lower"] for row in found["result"]["rows"]
    }
    assert widths["B1", 80] > 87
    assert 8 < widths["B2", 80] < widths["B2", 95] < 32
    assert "2 series could not be tested" in str(found["warnings"])
    assert "B1, B2" in str(found["warnings"])


def test_each_series_starts_at_its_own_next_step(tmp_path, capsys):
    """A series that ended six weeks earlier is forecast as if alone, and is named with its end."""
    file = written(tmp_path / "v.csv", [*days(112, "A"), *days(70, "B")])
    found = answered(capsys, file)
    times = {name: [r["time"] for r in found["result"]["rows"] if r["id"] == name] for name in "AB"}
    assert (min(times["A"]), max(times["A"])) == ("2026-04-27", "2026-05-03")
    assert (min(times["B"]), max(times["B"])) == ("2026-03-16", "2026-03-22")
    assert [row["last_time"] for row in found["result"]["series"]] == ["2026-04-26", "2026-03-15"]
    assert "B (2026-03-15)" in str(found["warnings"])
    assert "A (" not in str(found["warnings"])
    alone = answered(capsys, written(tmp_path / "b.csv", days(70, "B")))
    assert [r for r in found["result"]["rows"] if r["id"] == "B"] == alone["result"]["rows"]
    chosen = sum(row["series"] for row in found["result"]["backtest"])
    assert chosen == len(found["result"]["series"]) == 2


def test_series_without_a_value_are_left_out(tmp_path, capsys):
    """Nothing is known of it: no row with zero, but a warning with its name."""
    empty = [row.rsplit(",", 1)[0] + "," for row in days(30, "B0")]
    found = answered(capsys, written(tmp_path / "v.csv", [*empty, *days(30)]))
    assert {row["id"] for row in found["result"]["rows"]} == {"B1"}
    assert found["result"]["without_values"] == ["B0"]
    assert "without any value" in str(found["warnings"])
    assert "B0" in str(found["warnings"])


def test_a_horizon_beyond_the_calendar_is_refused(tmp_path, capsys):
    """Months reach the year 9999 first: refused before the work, with the longest horizon."""
    months = [f"B1,{2020 + n // 12}-{n % 12 + 1:02},{n % 5 + 3}" for n in range(36)]
    file = written(tmp_path / "v.csv", months)
    assert asked(file, "--horizon", "99999", "--json") == 2
    problem = json.loads(capsys.readouterr().out)["problems"][0]
    assert problem["code"] == "BW-FOR-009"
    assert f"{(9999 - 2022) * 12:,}" in str(problem)


def test_a_file_is_looked_for_before_its_horizon(tmp_path, capsys):
    """A missing file is named as such; one that is there asks for --horizon in plain words."""
    assert main(["forecast", str(tmp_path / "calls.csv"), "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["problems"][0]["code"] == "BW-FOR-001"
    assert main(["forecast", written(tmp_path / "v.csv", days(30)), "--json"]) == 2
    out = capsys.readouterr().out
    assert json.loads(out)["problems"][0]["code"] == "BW-FOR-011"
    assert "file needs --horizon N" in out


@pytest.mark.parametrize(
    ("offsets", "expected"), [(["+08:00"], "+08:00"), (["Z"], "Z"), (["+01:00", "+02:00"], "")]
)
def test_offsets_keep_their_written_form(offsets, expected):
    """What all rows share comes back; which of several would hold is not known."""
    from branchwise.pipeline.forecast.time_forms import TimeForm

    texts = [f"2026-03-0{n + 1}T09:15{offsets[n % len(offsets)]}" for n in range(4)]
    form = TimeForm.of(texts)
    assert form.write(form.read(texts))[0] == f"2026-03-01T09:15{expected}"
