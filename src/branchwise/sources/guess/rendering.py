"""Expressions of a mapping for the columns that play roles in a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from branchwise.core.languages import Text
from branchwise.sources.guess import remarks as said
from branchwise.sources.guess.code_words import meaning
from branchwise.sources.guess.matching import Keys, Match, Recognised
from branchwise.sources.guess.profiles import Profile
from branchwise.sources.headings import simplified
from branchwise.sources.mapping_text import quoted_text

PLACEHOLDER = re.compile(r"\{(\w+)(?::(\w+))?\}")
CODE_LIST = re.compile(r"code\('(\w+)'")
PLAIN_NAME = re.compile(r"[\u3400-\u9fff]+")
PATH_DAY = re.compile(r"(?<!\d)(20\d{6})(?!\d)")
YEAR = re.compile(r"(20\d\d)\s*(?:年|[-/.]|(?=(?:0[1-9]|1[0-2])(?!\d)))")
SHARED = 0.9
UNSURE = 0.5


@dataclass(slots=True, kw_only=True)
class Rendered:
    """An expression and what it rests on.

    Attributes
    ----------
    text : str
        The expression.
    places : list of int
        The columns it reads.
    confidence : float
        The smallest of theirs, and of what had to be assumed.
    remarks : list of Text
        What a person should look at.
    """

    text: str = ""
    places: list[int] = field(default_factory=list)
    confidence: float = 1.0
    remarks: list[Text] = field(default_factory=list)

    def assume(self, remark: Text, confidence: float = UNSURE) -> None:
        """Note what was assumed."""
        if remark not in self.remarks:
            self.remarks.append(remark)
        self.confidence = min(self.confidence, confidence)


@dataclass(slots=True, kw_only=True)
class Renderer:
    """Writes expressions over one group of files.

    Attributes
    ----------
    found : Recognised
        What the files are.
    keys : Keys
        Keys that other files list.
    widths : dict of str to int
        Number of characters of the keys of a domain, where all have one.
    zone, year : str
        Time zone of the delivery, and the year of dates that have none.
    codes : dict of str to dict of str to str
        Code lists that the expressions use, by name: filled as they are written.
    """

    found: Recognised
    keys: Keys
    widths: dict[str, int]
    zone: str
    year: str
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def first(self, ways: tuple[str, ...]) -> Rendered | None:
        """Write the first way whose columns are all there."""
        for way in ways:
            written = self._way(way)
            if written is not None:
                return written
        return None

    def _way(self, way: str) -> Rendered | None:
        done = Rendered()
        parts = []
        last = 0
        for placeholder in PLACEHOLDER.finditer(way):
            part = self._part(placeholder.group(1), placeholder.group(2) or "", done)
            if part is None:
                return None
            parts += [way[last : placeholder.start()], part]
            last = placeholder.end()
        done.text = "".join([*parts, way[last:]])
        self._open_lists(way, done)
        return done

    def _open_lists(self, way: str, done: Rendered) -> None:
        """Begin the lists that stand in a template: their meanings only the bank knows."""
        for name in CODE_LIST.findall(way):
            codes = self.codes.setdefault(name, {})
            role = PLACEHOLDER.findall(way[way.index(f"'{name}'") :])
            column = self.found.of(role[-1 if "business_line" in name else 0][0])
            if column is not None:
                for code in self._profile(column).counts:
                    codes.setdefault(code, "")
            done.assume(said.FILL_IN.filled(name=name), 0.7)

    def _part(self, role: str, modifier: str, done: Rendered) -> str | None:
        if role == "zone":
            return quoted_text(self.zone)
        match = self.found.of(role)
        if match is None:
            return None
        before = len(done.places)
        done.confidence = min(done.confidence, match.confidence)
        part = self._written(match, modifier, done)
        if part is not None and self._name(match.place) in part:  # else another column stands in
            done.places.insert(before, match.place)
        return part

    def _written(self, match: Match, modifier: str, done: Rendered) -> str | None:
        if modifier:
            return self._modified(match, modifier, done)
        if match.role.codes:
            return self._coded(match, match.role.codes, done)
        writers: dict[str, Callable[[Match, Rendered], str | None]] = {
            "moment": self._moment, "amount": self._amount, "id": self._key, "unique": self._key,
            "birth": self._birth, "rating": self._rating, "minute": self._minute,
        }  # fmt: skip
        writer = writers.get(match.role.type)
        return writer(match, done) if writer else self._name(match.place)

    def _modified(self, match: Match, modifier: str, done: Rendered) -> str | None:
        name = self._name(match.place)
        if modifier == "raw":
            return name
        if modifier == "day":
            return self._day(match, done)
        if modifier in ("first", "last"):
            sign = next(
                (s for s in ("/", "-", "~", "–", "—", "至", "到", ",", ";", "|")
                 if s in next(iter(self._profile(match).counts), "")), "/",
            )  # fmt: skip
            day = self._day(match, done)
            part = f"split_part({name}, {quoted_text(sign)}, {1 if modifier == 'first' else 2})"
            return None if day is None else f"{day} || ' ' || {part}"
        if modifier == "branch":
            return self._branch_in(match, done)
        if modifier == "planned":
            return self._planned(match)
        return self._coded(match, modifier, done)

    def _name(self, place: int) -> str:
        heading = self.found.columns.headings[place]
        if PLAIN_NAME.fullmatch(heading):
            return heading
        return '"' + heading.replace('"', '""') + '"'

    def _profile(self, match: Match) -> Profile:
        return self.found.columns.profiles[match.place]

    def _moment(self, match: Match, done: Rendered) -> str | None:
        found = self._profile(match)
        name = self._name(match.place)
        is_clock = found.shares["clock"] > UNSURE or (
            found.shares["digit_clock"] > UNSURE and found.width == 6  # noqa: PLR2004
        )
        if not is_clock or found.shares["instant"] > UNSURE:
            return name
        day = self._day(match, done)
        return None if day is None else f"{day} || ' ' || {name}"

    def _day(self, match: Match, done: Rendered) -> str | None:
        """Write the day of a row: its own column, that of another moment, or the file's name."""
        day = self.found.of("day")
        if day is not None:
            done.places.append(day.place)
            done.confidence = min(done.confidence, day.confidence)
            if self._profile(day).is_mostly("short_date"):
                done.assume(said.NO_YEAR.filled(year=self.year))
                return f"'{self.year}/' || {self._name(day.place)}"
            return self._name(day.place)
        dated = [match, *self.found.matches]
        for other in dated:
            if self._profile(other).shares["instant"] > UNSURE:
                done.places.append(other.place)
                return f"to_date({self._name(other.place)})"
        paths = [sample.path for sample in self.found.columns.samples]
        if all(PATH_DAY.search(path) for path in paths):
            done.assume(said.DAY_OF_FILE, 0.7)
            return "regexp_extract(source_file, '20[0-9]{6}')"
        return None

    def _amount(self, match: Match, done: Rendered) -> str:
        found, name = self._profile(match), self._name(match.place)
        heading = simplified(self.found.columns.headings[match.place])
        is_minor = heading.endswith(("分", "(分)", "minor", "cents", "_fen"))
        padded = found.shares["padded"] > UNSURE and found.width >= 6  # noqa: PLR2004
        if is_minor or padded:
            if not is_minor:
                done.assume(said.MINOR_UNITS, 0.7)
            return f"to_number({name})"
        if found.shares["decimal"] < UNSURE:
            done.assume(said.WHOLE_UNITS)
        return f"round(to_number({name}) * 100)"

    def _key(self, match: Match, done: Rendered) -> str:  # noqa: ARG002
        name, width = self._name(match.place), self.widths.get(match.role.key, 0)
        lengths = {len(value) for value in self._profile(match).counts}
        is_short = width and lengths and max(lengths) <= width and min(lengths) < width
        return f"lpad({name}, {width}, '0')" if is_short else name

    def _birth(self, match: Match, done: Rendered) -> str:  # noqa: ARG002
        name = self._name(match.place)
        found = self._profile(match)
        return f"year(to_date({name}))" if found.shares["date"] > UNSURE else name

    def _rating(self, match: Match, done: Rendered) -> str:
        name = self._name(match.place)
        outside = [v for v in self._profile(match).counts if not re.fullmatch("[1-5]", v)]
        for value in outside[:3]:
            name = f"nullif({name}, {quoted_text(value)})"
            done.assume(said.NOT_RATED.filled(value=value), 0.7)
        return name

    def _minute(self, match: Match, done: Rendered) -> str:  # noqa: ARG002
        return f"to_minute_of_day({self._name(match.place)})"

    def _planned(self, match: Match) -> str:
        values = [v for v in self._profile(match).counts if meaning("planned", v)]
        name = self._name(match.place)
        if not values:
            return "'false'"
        listed = ", ".join(map(quoted_text, values))
        return f"case when {name} in ({listed}) then 'true' else 'false' end"

    def _branch_in(self, match: Match, done: Rendered) -> str | None:
        """Write the branch code that stands inside another code, such as a device number."""
        width, known = self.widths.get("branch", 0), self.keys.get("branch", frozenset())
        if not width or not known:
            return None
        pattern = re.compile(rf"[0-9]{{{width}}}")
        values = self._profile(match).counts
        for size in range(width - 1, 2, -1):
            starts = [(value[:size].lstrip("0") or "0") in known for value in values]
            if values and sum(starts) >= SHARED * len(values):
                done.assume(said.BRANCH_FIRST, 0.7)
                return f"lpad(left({self._name(match.place)}, {size}), {width}, '0')"
        held = [found.group() for value in values if (found := pattern.search(value))]
        inside = [code for code in held if (code.lstrip("0") or "0") in known]
        if not values or len(inside) < SHARED * len(values):
            return None
        done.assume(said.BRANCH_CUT_OUT, 0.75)
        return f"regexp_extract({self._name(match.place)}, '[0-9]{{{width}}}')"

    def _coded(self, match: Match, list_name: str, done: Rendered) -> str:
        """Write a code list over a column; plain digits are told by what else the rows hold."""
        found, name = self._profile(match), self._name(match.place)
        column = match.role.column
        allowed = set(column.values) if column and list_name == match.role.codes else set()
        if allowed and set(found.counts) <= allowed:
            return name
        told = {code: meaning(list_name, code) for code in found.counts}
        if list_name in _STATUS_LISTS and not any(told.values()):
            told = dict(_by_filling(self.found, match, list_name))
            done.assume(said.TOLD_BY_TIMES, 0.6)
        if list_name == "unserved_cause":
            told = {code: meant for code, meant in told.items() if meant}
        unknown = [code for code, meant in told.items() if not meant]
        if unknown:
            done.assume(said.UNKNOWN_CODES.filled(codes=", ".join(unknown[:8])), 0.6)
        digits = [code for code, meant in told.items() if meant and len(code) == 1]
        if digits and list_name in ("tier", "age_band"):
            done.assume(said.CHECK_DIGITS, 0.7)
        listed = self.codes.setdefault(self._list_name(list_name, told), {})
        listed.update(told)
        return f"code('{self._list_name(list_name, told)}', {name})"

    def _list_name(self, list_name: str, told: dict[str, str]) -> str:
        """Return a name for a list: another one where an existing list says otherwise."""
        number, name = 1, list_name
        while any(
            self.codes.get(name, {}).get(code, meant) != meant for code, meant in told.items()
        ):
            number += 1
            name = f"{list_name}_{number}"
        return name


_STATUS_LISTS = ("outcome", "unserved_cause", "step_outcome")
_FILLED: dict[str, tuple[str, str, str]] = {  # served, called only, never called
    "outcome": ("served", "unserved", "unserved"),
    "unserved_cause": ("", "no_show", "walked_out"),
    "step_outcome": ("done", "no_show", "abandoned"),
}


def _by_filling(found: Recognised, status: Match, list_name: str) -> Iterator[tuple[str, str]]:
    """Tell codes of a ticket by the times that its rows have: an end, only a call, or neither."""
    columns = found.columns
    rows = [row for sample in columns.samples for row in sample.rows]
    ends, calls = found.of("ended"), found.of("called")

    def share(code: str, match: Match | None) -> float:
        if match is None:
            return 0.0
        of_code = [row for row in rows if (row[status.place] or "").strip() == code]
        return sum(row[match.place] is not None for row in of_code) / max(len(of_code), 1)

    for code in columns.profiles[status.place].counts:
        served, no_show, left = _FILLED[list_name]
        if share(code, ends) > UNSURE:
            yield code, served
        else:
            yield code, no_show if share(code, calls) > UNSURE else left
