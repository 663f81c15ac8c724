"""What is printed: documents for programs, tables for people."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from branchwise.cli.main import main
from branchwise.cli.output import Wishes, answer, plain, print_tables
from branchwise.core.languages import Text
from branchwise.core.tabulation import Tabulation

WARNING = Text(en="3 rows were left out", zh_hant="略過 3 列", zh_hans="略过 3 行")


class Report:
    warnings = (WARNING,)

    def as_json(self):
        return {"rows": [{"value": float("inf"), "on": date(2026, 3, 10)}]}

    def as_tables(self, language):
        return [Tabulation(title=f"[b]{language}", columns=("a", "b"), rows=(("[x]", 12345),))]


def test_values_become_what_json_has():
    """Dates are ISO 8601, numbers finite, numpy's scalars plain, keys text."""
    given = {
        1: np.float64("nan"),
        "n": np.int64(3),
        "t": (True, None, Decimal("1.10")),
        "at": datetime(2026, 3, 10, tzinfo=UTC),
        "path": Path("a/b"),
        "text": WARNING,
    }
    assert json.loads(json.dumps(plain(given), allow_nan=False)) == {
        "1": None,
        "n": 3,
        "t": [True, None, "1.10"],
        "at": "2026-03-10T00:00:00+00:00",
        "path": "a/b",
        "text": "3 rows were left out",
    }


def test_document_holds_warnings_seed_and_result(capsys):
    """Warnings stand in the document in English and not on stderr."""
    answer("measure", lambda _: Report(), wishes=Wishes(json=True, language="zh-Hant"), seed=7)
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert found["warnings"] == ["3 rows were left out"]
    assert found["seed"] == 7
    assert found["result"] == {"rows": [{"value": None, "on": "2026-03-10"}]}
    assert printed.err == ""


def test_people_read_warnings_on_stderr_and_tables_on_stdout(capsys):
    """In people's mode a warning is one line on stderr; cells are shown as they are."""
    answer("measure", lambda _: Report(), wishes=Wishes(language="zh-Hans"))
    printed = capsys.readouterr()
    assert printed.err == "! 略过 3 行\n"
    assert "[b]zh-Hans" in printed.out
    assert "[x]" in printed.out
    assert "12,345" in printed.out


def test_long_cells_are_neither_cut_nor_broken_without_a_terminal(capsys):
    """Piped output keeps every cell whole, so that it can be searched."""
    long = "網點" * 200
    print_tables([Tabulation(title="t", columns=("a", "b"), rows=((long, None),), notes=("n",))])
    printed = capsys.readouterr().out
    assert long in printed
    assert "–" in printed
    assert all(line == line.rstrip() for line in printed.splitlines())
    assert printed.rstrip().endswith("n")


def test_wishes_survive_a_command_line_that_is_wrong():
    """Language and form are read even where the rest is nonsense; unknown languages are English."""
    wishes = Wishes.among(["--nonsense", "--lang"], {"BRANCHWISE_LANG": "zh-Hans"})
    assert (wishes.language, wishes.json, wishes.command) == ("zh-Hans", False, "")
    assert Wishes.among(["x", "--lang", "xx", "--json", "--debug"], {}).language == "en"


@pytest.mark.parametrize(("breaches", "asked", "code"), [(1, True, 1), (0, True, 0), (1, False, 0)])
def test_check_fails_on_breaches_only_where_asked(monkeypatch, breaches, asked, code):
    """--fail-on-breach ends with 1 where rows break a rule, and only then."""

    class Quality(Report):
        tables = (SimpleNamespace(breaches=(None,) * breaches),)

    monkeypatch.setattr("branchwise.pipeline.check.check", lambda *_, **__: Quality())
    assert main(["check", *(["--fail-on-breach"] if asked else [])]) == code
