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
