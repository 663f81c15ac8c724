"""Money: exact, in one currency, and readable."""

from decimal import Decimal
from fractions import Fraction

import babel.numbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from branchwise.core.errors import BranchwiseError
from branchwise.core.money import Money, minor_digits

AMOUNTS = st.integers(-(10**14), 10**14)


def cny(minor):
    return Money(minor=minor, currency="CNY")


def test_decimals_agree_with_the_common_locale_data():
    """For the world's main currencies the decimals are those of CLDR."""
    for code in ("CNY", "HKD", "USD", "EUR", "GBP", "JPY", "KRW", "KWD", "BHD", "CLP", "ILS"):
        assert minor_digits(code) == babel.numbers.get_currency_precision(code), code


@given(AMOUNTS, st.sampled_from(["CNY", "JPY", "KWD"]))
def test_major_units_go_there_and_back(minor, currency):
    """An amount written in major units and read again is the same amount."""
    amount = Money(minor=minor, currency=currency)
    assert Money.of(amount.major, currency) == amount
    assert Money.of(str(amount.major), currency) == amount


@given(AMOUNTS, st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any))
def test_parts_add_up_and_are_within_one_unit(minor, weights):
    """Sharing out loses nothing, and no part is a whole minor unit off its due."""
    parts = cny(minor).split(weights)
    assert sum(part.minor for part in parts) == minor
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor - Fraction(minor * weight, sum(weights))) < 1


def test_arithmetic_is_exact():
    """Sums and products are exact, and halves round to even."""
    assert cny(10) + cny(20) - cny(5) == cny(25)
    assert cny(5) * Fraction(1, 2) == cny(2)
    assert cny(15) * Decimal("0.1") == cny(2)
    assert -cny(7) < cny(0) <= cny(0)


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda: cny(1) + Money(minor=1, currency="TWD"), "BW-COR-003"),
        (lambda: cny(1) < Money(minor=1, currency="TWD"), "BW-COR-003"),
        (lambda: Money.of("1.005", "CNY"), "BW-COR-004"),
        (lambda: Money.of("1.5", "JPY"), "BW-COR-004"),
        (lambda: Money.of("twelve", "CNY"), "BW-COR-004"),
        (lambda: Money.of("NaN", "CNY"), "BW-COR-004"),
        (lambda: Money(minor=1.0, currency="CNY"), "BW-COR-004"),
        (lambda: cny(1).split((0, 0)), "BW-COR-005"),
        (lambda: cny(1).split(()), "BW-COR-005"),
        (lambda: Money(minor=1, currency="yuan"), "BW-COR-006"),
    ],
)
def test_what_would_lose_money_is_refused(act, code):
    """Mixed currencies, binary fractions, too many decimals and empty weights are errors."""
    with pytest.raises(BranchwiseError, match=code):
        act()


@pytest.mark.parametrize(
    ("amount", "currency", "english", "hant", "hans"),
    [
        ("12.5", "CNY", "CNY 12.50", "12.50元", "12.50元"),
        ("-12345", "CNY", "−CNY 12,345", "−1.23 萬元", "−1.23 万元"),
        ("1234567", "TWD", "NT$1.23 million", "123.46 萬元", "123.46 万元"),
        ("2500000000", "CNY", "CNY 2.50 billion", "25.00 億元", "25.00 亿元"),
        ("999", "JPY", "JPY 999", "999日圓", "999日元"),
        ("5000", "XYZ", "XYZ 5,000", "XYZ 5,000", "XYZ 5,000"),
    ],
)
def test_amounts_read_as_people_write_them(amount, currency, english, hant, hans):
    """Millions in English, 萬 and 億 in Chinese, with the currency's own word."""
    money = Money.of(amount, currency)
    assert [money.read_in(lang) for lang in ("en", "zh-Hant", "zh-Hans")] == [english, hant, hans]
