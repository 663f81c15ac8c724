"""Units: every number reads with its unit in three languages."""

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import branchwise
from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES
from branchwise.core.units import duration, number, quantity, units

SECONDS = {
    "h": 3600,
    "min": 60,
    "s": 1,
    "小時": 3600,
    "分鐘": 60,
    "秒": 1,
    "小时": 3600,
    "分钟": 60,
}


@pytest.mark.parametrize(
    ("value", "symbol", "expected"),
    [
        (450, "s", ["7.5 min", "7.5 分鐘", "7.5 分钟"]),
        (0, "s", ["0 s", "0 秒", "0 秒"]),
        (90, "min", ["1.5 h", "1.5 小時", "1.5 小时"]),
        (400_000, "s", ["111 h", "111 小時", "111 小时"]),
        (0.179, "share", ["17.9 %", "17.9%", "17.9%"]),
        (0.9996, "share", ["99.96 %", "99.96%", "99.96%"]),
        (0.0004, "share", ["0.04 %", "0.04%", "0.04%"]),
        (123456, "visit", ["123,456 visits", "12.35 萬筆", "12.35 万笔"]),
        (99_999_999, "count", ["99,999,999", "1 億", "1 亿"]),
        (12.5, "degree", ["12.5°", "12.5度", "12.5度"]),
        (None, "s", ["–", "–", "–"]),
        (float("nan"), "share", ["–", "–", "–"]),
        (-0.04, "count", ["0", "0", "0"]),
    ],
)
def test_quantities_read_as_people_write_them(value, symbol, expected):
    """Known numbers read as a banker would write them."""
    if symbol == "degree":
        assert quantity(value, symbol) == expected[0]
        return
    assert [quantity(value, symbol, language) for language in LANGUAGES] == expected


def test_money_per_head_keeps_its_denominator():
    """Money in whole units reads like an amount, with what it is divided by behind it."""
    assert quantity(12345.6, "currency/head", "zh-Hant", currency="CNY") == "1.23 萬元／人"
    assert quantity(12.5, "currency/h", currency="CNY") == "CNY 12.50 per h"
    assert quantity(12.5, "currency", "zh-Hans", currency="CNY") == "12.50元"
    assert quantity(12.5, "currency/head") == "12.5 per head"
    assert quantity(0.05, "1/a") == "5 % a year"


def test_every_unit_that_is_declared_anywhere_is_known():
    """Units of columns, measures and assumptions are all units of this catalogue."""
    package = Path(branchwise.__file__).parent
    used = {
        found
        for folder in ("tables", "measures")
        for path in (package / folder).rglob("*.toml")
        for found in re.findall(r'\nunit = "([^"]+)"', path.read_text(encoding="utf-8"))
    }
    assert {"s", "share", "currency/head", "minor"} <= used
    assert used <= set(units())


def test_there_is_no_second_vocabulary_of_units():
    """No table in the code gives other words, signs or scales to units than this catalogue."""
    package = Path(branchwise.__file__).parent
    plain = str | int | float
    maps = {
        (path.name, node.lineno)
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Dict)
        and node.keys
        and all(isinstance(each, ast.Constant) for each in (*node.keys, *node.values))
        and all(isinstance(value.value, plain) for value in node.values)
        and any({each.value for each in side} <= set(units()) for side in (node.keys, node.values))
    }
    assert maps == set()


def test_money_needs_its_currency():
    """Minor units with a currency are an amount; without one they stay a bare number."""
    assert quantity(1250, "minor", currency="CNY") == "CNY 12.50"
    assert quantity(1250, "minor") == "1,250 minor units"


@given(st.integers(-359_000, 359_000), st.sampled_from(LANGUAGES))
def test_durations_are_right_to_the_last_shown_digit(seconds, language):
    """Read back, a duration differs by at most half of its last shown digit."""
    shown = duration(seconds, language)
    amount, word = re.fullmatch(r"−?(\d[\d,.]*) (\S+)", shown).groups()
    scale = SECONDS[word]
    digits = 0 if scale == 1 or abs(seconds) >= 100 * scale else 1
    back = float(amount.replace(",", "")) * scale
    assert abs(back - abs(seconds)) <= 0.5001 * scale / 10**digits
    assert shown.startswith("−") == (seconds < 0)


def test_a_fine_quantity_shows_a_small_difference():
    """Beside each other, two values that differ little read differently."""
    assert quantity(353.4, "s", "zh-Hant", style="fine") == "353.4 秒"
    assert quantity(477699, "visit", "zh-Hant", style="fine") == "477,699 筆"
    assert quantity(0.0798, "share", style="fine") == "7.98 %"
    assert quantity(1.25, "ratio", style="fine") == "1.25"


@given(st.floats(-1e12, 1e12), st.sampled_from(LANGUAGES))
def test_numbers_keep_their_size(value, language):
    """Read back with its 萬 or 億, a number is right to its shown decimals."""
    shown = number(value, language)
    scale = 1e8 if shown[-1] in "億亿" else 1e4 if shown[-1] in "萬万" else 1
    back = float(re.match(r"[−\d,.]+", shown)[0].replace("−", "-").replace(",", "")) * scale
    assert back == pytest.approx(value, abs=0.5001 * scale * (0.1 if scale == 1 else 0.01))


def test_every_unit_is_named_in_every_language():
    """No unit lacks its name, and an undeclared one is an error."""
    for symbol, unit in units().items():
        assert all(unit.name.read_in(language) for language in LANGUAGES), symbol
        assert quantity(1.0, symbol)
    with pytest.raises(BranchwiseError, match="BW-COR-007"):
        quantity(1.0, "furlong")
