"""Error codes: each declared once, in three languages, and each used."""

import re
import string
import tomllib
from pathlib import Path

import pytest

from branchwise.core.errors import kinds
from branchwise.core.languages import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
PROBLEMS = ROOT / "src" / "branchwise" / "core" / "problems"
CODE = re.compile(r"\"(BW-[A-Z]{3}-\d{3})\"")
AREAS = {
    "cor", "tab", "eng", "src", "cln", "whs", "mea", "dgn", "rep", "cli", "prv", "exp", "twn",
    "cal", "opt", "pln", "for",
}  # fmt: skip


def used():
    """Return every code that stands as a text of its own in the code."""
    return {
        code
        for path in (ROOT / "src").rglob("*.py")
        for code in CODE.findall(path.read_text(encoding="utf-8"))
    }


def placeholders(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_code_used_is_declared_and_every_declared_one_used():
    """The catalogue and the code name the same codes."""
    assert used() == set(kinds())


@pytest.mark.parametrize("file", sorted(PROBLEMS.glob("*.toml")), ids=lambda file: file.stem)
def test_codes_stand_in_the_file_of_their_area(file):
    """A code's area is its file, so that no code is declared twice."""
    assert file.stem in AREAS
    for code in tomllib.loads(file.read_text(encoding="utf-8")):
        assert re.fullmatch(rf"BW-{file.stem.upper()}-\d{{3}}", code)


@pytest.mark.parametrize("code", sorted(kinds()))
def test_texts_are_complete_in_every_language(code):
    """What, rule, means and try read in each language, of the same values."""
    kind = kinds()[code]
    for text in (kind.what, kind.rule, kind.means, kind.remedy):
        assert all(text.read_in(language).strip() for language in LANGUAGES)
        filled = {frozenset(placeholders(text.read_in(language))) for language in LANGUAGES}
        assert len(filled) == 1, f"{code}: placeholders differ between languages"
