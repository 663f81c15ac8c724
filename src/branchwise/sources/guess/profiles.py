"""What the values of a column look like: dates in three calendars, times of day, codes, amounts."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_YEAR = r"(?:19|20|21)\d\d"
_MONTH = r"(?:0[1-9]|1[0-2])"
_DAY = r"(?:0[1-9]|[12]\d|3[01])"
_ROC = r"(?:0\d\d|1[0-4]\d)"
_CLOCK6 = r"(?:[01]\d|2[0-4])[0-5]\d[0-5]\d"
_CLOCK = (
    r"(?:(?:上午|下午|中午|凌晨|晚上|[AP]M) ?)?\d{1,2}[:時时点點]\d{1,2}"
    r"(?:[:分]\d{1,2}秒?(?:\.\d+)?|分)?(?: ?[AP]M)?"
)
_MARK = r"(?:中華民國|中华民国|民國|民国)? ?"
_DATE = rf"{_MARK}\d{{2,4}}[-/.年]\d{{1,2}}[-/.月]\d{{1,2}}日?"
_DIGITS_DATE = rf"{_YEAR}{_MONTH}{_DAY}|{_ROC}{_MONTH}{_DAY}"
PATTERNS: dict[str, re.Pattern[str]] = {
    "instant": re.compile(
        rf"(?:{_DATE}[ T]?|(?:{_DIGITS_DATE})[ T])(?:{_CLOCK}|{_CLOCK6})(?:Z|[-+]\d\d:?\d\d)?"
        rf"|(?:{_YEAR}{_MONTH}{_DAY}|{_ROC}{_MONTH}{_DAY}){_CLOCK6}|{_YEAR}{_MONTH}{_DAY}(?:[01]\d|2[0-4])[0-5]\d"
    ),
    "date": re.compile(rf"{_DATE}(?:[ T]00:00:00)?|{_DIGITS_DATE}"),
    "marked_date": re.compile(rf"{_DATE}(?:[ T]00:00:00)?"),
    "roc": re.compile(rf"{_MARK}{_ROC}[-/.年]?\d{{1,2}}[-/.月]?\d{{1,2}}日?.*"),
    "short_date": re.compile(r"(?:0?[1-9]|1[0-2])[/月](?:0?[1-9]|[12]\d|3[01])日?"),
    "clock": re.compile(_CLOCK),
    "digit_clock": re.compile(_CLOCK6),
    "range": re.compile(rf"{_CLOCK} ?[-/~—–至到,;|] ?{_CLOCK}"),
    "integer": re.compile(r"-?\d{1,3}(?:,\d{3})+|-?\d+"),
    "number": re.compile(
        r"[-(]?(?:[¥￥$]|NT\$|HK\$|RMB)?-?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?\)?%?[萬万億亿]?元?"
    ),
    "decimal": re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)\.\d+"),
    "padded": re.compile(r"0\d+"),
    "flag": re.compile(r"[01YNTFyn]|yes|no|true|false|[是否有无無√×]", re.IGNORECASE),
    "currency": re.compile(r"[A-Z]{3}|156|840|344|901|978|392|826"),
    "wkt": re.compile(r"(?:POINT|LINESTRING|POLYGON|MULTI\w+) ?\(.*", re.IGNORECASE),
    "word": re.compile(r"[A-Za-z\u3400-\u9fff].*"),
    "code": re.compile(r"[\w\-./:#*]{1,40}"),
    "masked": re.compile(r".*\*{2,}.*"),
}  # fmt: skip
CODES_AT_MOST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The values of one column of a sample.

    Attributes
    ----------
    values : tuple of str
        The values that are there, in half-width forms, in order.
    share_filled : float
        Share of the rows that have one.
    counts : dict of str to int
        How often each value stands there, the commonest first.
    shares : dict of str to float
        Share of the values that have the form of each of `PATTERNS`.
    """

    values: tuple[str, ...]
    share_filled: float
    counts: dict[str, int]
    shares: dict[str, float]

    @property
    def is_empty(self) -> bool:
        """Whether no row has a value."""
        return not self.values

    @property
    def width(self) -> int:
        """Length of the values where nearly all have one length, else 0."""
        lengths = Counter(map(len, self.values))
        width, count = lengths.most_common(1)[0] if lengths else (0, 0)
        return width if count >= 0.98 * len(self.values) else 0

    @property
    def is_coded(self) -> bool:
        """Whether few values recur, as codes do."""
        few = len(self.counts) <= min(CODES_AT_MOST, max(3, len(self.values) // 3))
        return few and max(map(len, self.counts), default=0) <= CODES_AT_MOST // 2

    def is_mostly(self, form: str, least: float = 0.9) -> bool:
        """Whether the values have a form, but for a few dirty ones."""
        return bool(self.values) and self.shares[form] >= least


def profile(cells: Sequence[str | None]) -> Profile:
    """Return what the values of a column look like.

    Examples
    --------
    >>> profile(["1150310", "1150311", None]).is_mostly("roc")
    True
    """
    values = tuple(
        text for cell in cells if cell is not None and (text := narrow(cell)) and text != "NULL"
    )
    counts = dict(Counter(values).most_common())
    size = max(len(values), 1)
    shares = {
        name: sum(count for value, count in counts.items() if pattern.fullmatch(value)) / size
        for name, pattern in PATTERNS.items()
    }
    filled = len(values) / len(cells) if cells else 0.0
    return Profile(values=values, share_filled=filled, counts=counts, shares=shares)


def narrow(text: str) -> str:
    """Return a text in half-width forms, without blanks around it."""
    return unicodedata.normalize("NFKC", text).strip() if not text.isascii() else text.strip()


def fit(kind: str, of: Profile) -> float:
    """Return how well values fit a type of column, from 0 (not at all) to 1.

    Where no value is there it is 0.6: nothing speaks against it.
    """
    if of.is_empty:
        return 0.6
    return min(1.0, max(0.0, _FITS[kind](of)))


def _moment(of: Profile) -> float:
    shares = of.shares
    timed = shares["instant"] + shares["clock"]
    digits = shares["digit_clock"] if of.width == 6 and len(of.counts) > 10 else 0.0  # noqa: PLR2004
    return max(timed, 0.9 * digits, 0.45 * shares["date"])


def _day(of: Profile) -> float:
    shares = of.shares
    return max(shares["date"], 0.9 * shares["short_date"], 0.3 * shares["instant"])


def _id(of: Profile) -> float:
    shares = of.shares
    if shares["instant"] + shares["clock"] + shares["marked_date"] + shares["range"] > 0.5:  # noqa: PLR2004
        return 0.0
    if shares["decimal"] + shares["wkt"] > 0.5:  # noqa: PLR2004
        return 0.0
    return max(shares["code"], 0.4) - 0.15 * (max(map(len, of.counts)) == 1)


def _unique(of: Profile) -> float:
    return _id(of) if len(of.counts) >= 0.8 * len(of.values) else 0.2 * _id(of)


def _code(of: Profile) -> float:
    if of.shares["instant"] + of.shares["clock"] + of.shares["marked_date"] > 0.5:  # noqa: PLR2004
        return 0.0
    return 1.0 if of.is_coded else 0.35


def _amount(of: Profile) -> float:
    shares = of.shares
    return 0.0 if shares["number"] < 0.8 else 1.0 - 0.3 * (len(of.counts) < 5)  # noqa: PLR2004


def _text(of: Profile) -> float:
    shares = of.shares
    timed = shares["instant"] + shares["clock"] + shares["range"]
    return 0.1 if timed > 0.5 else 0.5 + 0.5 * max(shares["word"], shares["masked"])  # noqa: PLR2004


def _birth(of: Profile) -> float:
    years = sum(
        count for value, count in of.counts.items() if re.fullmatch(r"(?:19|20)\d\d", value)
    )
    return max(of.shares["date"], years / len(of.values))


def _rating(of: Profile) -> float:
    return max(of.shares["integer"], 0.7) if len(of.counts) <= 12 else 0.2  # noqa: PLR2004


def _minute(of: Profile) -> float:
    shares = of.shares
    return max(shares["clock"], shares["digit_clock"], 0.6 * shares["integer"])


_FITS: dict[str, Callable[[Profile], float]] = {
    "moment": _moment,
    "day": _day,
    "id": _id,
    "unique": _unique,
    "code": _code,
    "amount": _amount,
    "text": _text,
    "birth": _birth,
    "rating": _rating,
    "minute": _minute,
    "range": lambda of: of.shares["range"],
    "number": lambda of: of.shares["number"],
    "duration": lambda of: max(of.shares["number"], of.shares["clock"]),
    "flag": lambda of: of.shares["flag"] if len(of.counts) <= 4 else 0.1,  # noqa: PLR2004
    "wkt": lambda of: of.shares["wkt"],
}
