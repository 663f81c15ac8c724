"""The pages that people read first are true: links lead somewhere, code runs."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from branchwise.cli.main import build

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    list(ROOT.glob("*.md"))
    + [path for path in (ROOT / "docs").rglob("*.md") if "reference" not in path.parts]
)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"^branchwise (\S+)(.*)$", re.MULTILINE)
NAMED = re.compile(r"`((?:src|tests|docs|tools|benchmarks)/[\w./-]+\.\w+)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_files_exist(page):
    """Every local link and every file that a page names exists."""
    text = page.read_text(encoding="utf-8")
    for link in LINK.findall(text):
        assert (page.parent / link).exists(), link
    for named in NAMED.findall(text):
        assert re.search("NAME|SUBJECT|AREA", named) or (ROOT / named).exists(), named


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_are_understood(page):
    """Every branchwise command of a page has a verb and options that the program knows."""
    for verb, rest in COMMAND.findall(page.read_text(encoding="utf-8")):
        known = build().commands[verb]
        words = rest.split()
        if hasattr(known, "commands") and words and not words[0].startswith("-"):
            known = known.commands[words[0]]
        options = {option for parameter in known.params for option in parameter.opts}
        for option in re.findall(r"(--[\w-]+)", rest):
            assert option in options, (verb, option)


def test_make_targets_exist():
    """The two commands of the README are targets of the Makefile."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", readme, re.MULTILINE):
        assert f"\n{target}:" in makefile


@pytest.mark.parametrize(
    "chapter", sorted((ROOT / "docs" / "tour").glob("*.md")), ids=lambda path: path.stem
)
def test_tour_runs(chapter, tmp_path, monkeypatch):
    """A chapter of the tour does, step by step, what it says."""
    monkeypatch.chdir(tmp_path)
    parser = doctest.DocTestParser()
    text = chapter.read_text(encoding="utf-8")
    test = parser.get_doctest(text, {}, chapter.name, str(chapter), 0)
    assert test.examples
    output = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    runner.run(test, out=output.append)
    assert runner.failures == 0, "".join(output)
