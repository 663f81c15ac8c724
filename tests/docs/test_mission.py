"""The table of what works names nothing that does not exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from branchwise.cli.main import build
from branchwise.measures.catalogue import SUBJECTS, catalogue
from branchwise.tables.spec import table_names

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "mission.md"
ITEMS = (
    "1.1 1.2 1.3 2.1.1 2.1.2 2.2.1 2.2.2 2.2.3 2.3.1 2.3.2 3.1 3.2 3.3 4.1 4.2 4.3 5.1 5.2 5.3 "
    "6.1.1 6.1.2 6.1.3 6.1.4 6.2.1 6.2.2 6.2.3 6.2.4 6.3.1 6.3.2 6.3.3 6.3.4 7.1.1 7.1.2 7.2.1 "
    "7.2.2 7.3 8.1 8.2 8.3 9.1.1 9.1.2 9.2.1 9.2.2 9.3.1 9.3.2 10"
)
LINK = re.compile(r"\[[^\]]+\]\(([^)#]+)[^)]*\)")
CODE = re.compile(r"`([^`]+)`")


def rows():
    """Return the rows of the table: item, works, see, proof."""
    found = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[0][:1].isdigit():
            found.append(tuple(cells))
    return found


def missing_commands(see):
    """Return what a cell names that is no command, measure or table."""
    missing = []
    for code in CODE.findall(see):
        words = code.split()
        if words[0] != "branchwise":
            if code not in table_names():
                missing.append(code)
            continue
        verb, *arguments = words[1:]
        stages = ROOT / "src" / "branchwise" / "pipeline"
        has_stage = (stages / f"{verb}.py").exists() or (stages / verb).is_dir()
        if verb not in build().commands or not has_stage:
            missing.append(code)
        known = {*catalogue(), *SUBJECTS}
        missing += [name for name in arguments if verb == "measure" and name not in known]
    return missing


def test_every_item_has_one_row():
    """Each item of the mission stands in the table once, in order."""
    assert [row[0] for row in rows()] == ITEMS.split()


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_row_is_true(row):
    """A row that claims something names commands, pages and a test that exist."""
    _, works, see, proof = row
    if works == "not yet":
        assert (see, proof) == ("–", "–")
        return
    assert see != "–"
    assert missing_commands(see) == []
    for page in LINK.findall(see):
        assert (PAGE.parent / page).exists(), page
    path, name = proof.strip("`").split("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(
    "see", ["`branchwise conquer`", "`branchwise measure queues.joy`", "`moon`"]
)
def test_what_does_not_exist_is_noticed(see):
    """A command, measure or table that does not exist is named as missing."""
    assert missing_commands(see)
