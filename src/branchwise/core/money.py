"""Money: whole minor units of a currency, never a binary fraction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from fractions import Fraction

from branchwise.core.errors import failure
from branchwise.core.languages import Language

_CODE = re.compile(r"[A-Z]{3}")
DECIMALS = 2
WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
WITH_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
NAMES: dict[str, tuple[str, str, str]] = {
    "CNY": ("CNY ", "元", "元"),
    "TWD": ("NT$", "元", "元"),
    "HKD": ("HK$", "港元", "港元"),
    "USD": ("US$", "美元", "美元"),
    "EUR": ("€", "歐元", "欧元"),
    "GBP": ("£", "英鎊", "英镑"),
    "JPY": ("JPY ", "日圓", "日元"),
    "ILS": ("ILS ", "以色列新謝克爾", "以色列新谢克尔"),
}
THOUSAND, WAN, MILLION, YI, BILLION = 10**3, 10**4, 10**6, 10**8, 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in a currency.

    Attributes
    ----------
    minor : int
        Whole minor units (分, cents) of the currency.
    currency : str
        ISO 4217 code.

    Examples
    --------
    >>> fee = Money.of("12.50", "CNY")
    >>> (fee + fee).minor, (fee * 3).read_in("zh-Hans")
    (2500, '37.50元')
    >>> Money(minor=123_456_789_00, currency="CNY").read_in("zh-Hant")
    '1.23 億元'
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        minor_digits(self.currency)
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise failure("BW-COR-004", amount=repr(self.minor), currency=self.currency)

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> Money:
        """Return an amount given in major units, exactly.

        Raises
        ------
        BranchwiseError
            [BW-COR-004] if the amount is no number or has more decimals than the currency.
        """
        digits = minor_digits(currency)
        try:
            scaled = Decimal(amount).scaleb(digits)
        except InvalidOperation as error:
            raise failure("BW-COR-004", amount=repr(amount), currency=currency) from error
        if not scaled.is_finite() or scaled != scaled.to_integral_value():
            raise failure("BW-COR-004", amount=str(amount), currency=currency)
        return cls(minor=int(scaled), currency=currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units."""
        return Decimal(self.minor).scaleb(-minor_digits(self.currency))

    def __add__(self, other: Money) -> Money:
        return Money(minor=self.minor + self._same(other), currency=self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(minor=self.minor - self._same(other), currency=self.currency)

    def __neg__(self) -> Money:
        return Money(minor=-self.minor, currency=self.currency)

    def __mul__(self, factor: int | Fraction | Decimal) -> Money:
        """Multiply by an exact number, rounding half to even."""
        return Money(minor=round(self.minor * Fraction(factor)), currency=self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def split(self, weights: Sequence[int]) -> tuple[Money, ...]:
        """Share the amount out by weights; the parts add up to it exactly.

        Each part is within one minor unit of its due (largest remainders, then first come).

        Examples
        --------
        >>> [part.minor for part in Money(minor=100, currency="CNY").split((1, 1, 1))]
        [34, 33, 33]
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise failure("BW-COR-005", weights=", ".join(map(str, weights)))
        due = [Fraction(self.minor * weight, total) for weight in weights]
        parts = [share.numerator // share.denominator for share in due]
        by_remainder = sorted(range(len(due)), key=lambda place: (parts[place] - due[place], place))
        for place in by_remainder[: self.minor - sum(parts)]:
            parts[place] += 1
        return tuple(Money(minor=part, currency=self.currency) for part in parts)

    def read_in(self, language: Language = "en") -> str:
        """Return the amount as people write it: 萬 and 億 in Chinese, million in English."""
        before, hant, hans = NAMES.get(self.currency, (f"{self.currency} ", "", ""))
        number, scale = _scaled(self.major, language)
        digits = 2 if scale else (minor_digits(self.currency) if abs(self.major) < THOUSAND else 0)
        written = f"{_rounded(abs(number), digits):,}"
        sign = "−" if number < 0 else ""
        if language == "en":
            return f"{sign}{before}{written}{f' {scale}' if scale else ''}"
        after = hant if language == "zh-Hant" else hans
        unit = f" {scale}" if scale else ""
        return f"{sign}{written}{unit}{after}" if after else f"{before}{sign}{written}{unit}"

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise failure("BW-COR-003", one=self.currency, other=other.currency)
        return other.minor


def minor_digits(currency: str) -> int:
    """Return the number of decimals of a currency by ISO 4217.

    Raises
    ------
    BranchwiseError
        [BW-COR-006] if the code is not three capital letters.

    Examples
    --------
    >>> minor_digits("CNY"), minor_digits("JPY"), minor_digits("KWD")
    (2, 0, 3)
    """
    if not _CODE.fullmatch(currency):
        raise failure("BW-COR-006", currency=currency)
    if currency in WITHOUT_DECIMALS:
        return 0
    return DECIMALS + (currency in WITH_THREE_DECIMALS)


def _scaled(amount: Decimal, language: Language) -> tuple[Decimal, str]:
    english = ((BILLION, "billion"), (MILLION, "million"))
    chinese = ((YI, "億"), (WAN, "萬")) if language == "zh-Hant" else ((YI, "亿"), (WAN, "万"))
    for scale, word in english if language == "en" else chinese:
        if abs(amount) >= scale:
            return amount / scale, word
    return amount, ""


def _rounded(number: Decimal, digits: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)
