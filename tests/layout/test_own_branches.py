"""Competitors' branches stand in the same table: whoever reads it says which ones are meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "branchwise"
READS = re.compile(r'\b(?:FROM|JOIN) "?branch"?(?![\w."])')
NEAR = 300
WITHOUT = {
    "measures/bases/device_day.sql": "rows are those of devices, which only the bank's own have",
    "measures/bases/branch_quarter.sql": "rows are those of visits and shifts; the zone is joined",
    "measures/references.py": "the join of any column; the rows are those of the base",
    "pipeline/diagnose.py": "`plan.peers.profiles` leaves competitors out; names are all named",
    "pipeline/report.py": "`plan.peers.profiles` leaves competitors out",
    "report/opening_card.py": "its places name the institution; outages are those of own devices",
    "pipeline/twin/days.py": "the time zone of one branch that was asked for",
}


def readers():
    """Return the files that read the table, and those of them that do not name the institution."""
    found, silent = set(), set()
    for path in (*SOURCE.rglob("*.py"), *SOURCE.rglob("*.sql")):
        text = path.read_text(encoding="utf-8")
        for read in READS.finditer(text):
            name = path.relative_to(SOURCE).as_posix()
            found.add(name)
            if "institution_id" not in text[max(0, read.start() - NEAR) : read.end() + NEAR]:
                silent.add(name)
    return found, silent


def test_readers_of_branches_leave_competitors_out():
    """A query of branches names the institution, or the list above says why it need not."""
    found, silent = readers()
    assert len(found) > len(WITHOUT)
    assert silent == set(WITHOUT)


@pytest.mark.parametrize(
    "text", ["SELECT 1 FROM branch WHERE x", 'LEFT JOIN "branch" AS b', "FROM branch\nORDER"]
)
def test_reading_is_noticed(text):
    """The ways in which queries are written are seen; other tables are not taken for it."""
    assert READS.search(text)
    assert not READS.search(text.replace("branch", "branch_day"))
