"""The reference pages are what the declarations say."""

from __future__ import annotations

import pytest
from tools.reference import FOLDER, pages


@pytest.mark.parametrize("name", sorted(pages()))
def test_committed_page_is_up_to_date(name):
    """A committed page equals what `make docs` writes now."""
    assert (FOLDER / name).read_text(encoding="utf-8") == pages()[name], "run `make docs`"


def test_no_page_is_left_over():
    """Every page in the folder is written by `make docs`."""
    assert {path.name for path in FOLDER.glob("*.md")} == set(pages())
