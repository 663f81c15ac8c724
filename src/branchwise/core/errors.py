"""Six-part errors: code, what, where, rule, what it means, what to try.

Every code is declared in ``core/problems/<area>.toml`` with its texts in three languages; code
raises it by name and hands over only the values. Problems of one stage are collected in a
`Problems` list and raised once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal

from branchwise.core.languages import LANGUAGES, Language, Text

Fault = Literal["usage", "input", "internal"]
EXIT_CODES: dict[Fault, int] = {"usage": 2, "input": 3, "internal": 4}
KEYS_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemKind:
    """What a code stands for, as declared in the catalogue.

    Attributes
    ----------
    code : str
        ``BW-AREA-NNN``, stable for ever.
    fault : {"usage", "input", "internal"}
        Whose fault it is; decides the exit code.
    what, rule, means, remedy : Text
        The texts, with ``{placeholders}`` for the values of one occurrence.
    """

    code: str
    fault: Fault
    what: Text
    rule: Text
    means: Text
    remedy: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The place of a problem: table or file, column, how many rows, first keys.

    Keys of personal data are pseudonyms by the time they come here.
    """

    place: str = ""
    column: str = ""
    count: int | None = None
    keys: tuple[str, ...] = ()

    def __str__(self) -> str:
        place = ".".join(part for part in (self.place, self.column) if part)
        rows = "" if self.count is None else f" ({self.count:,})"
        shown = ", ".join(self.keys[:KEYS_SHOWN])
        return f"{place}{rows}" + (f": {shown}" if shown else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One occurrence of a problem kind."""

    kind: ProblemKind
    where: Where
    values: dict[str, object] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The code of the kind."""
        return self.kind.code

    def read_in(self, language: Language = "en") -> str:
        """Return the six parts as lines of text."""
        headings = HEADINGS[language]
        parts = (
            (headings[0], str(self.where)),
            (headings[1], self._filled(self.kind.rule, language)),
            (headings[2], self._filled(self.kind.means, language)),
            (headings[3], self._filled(self.kind.remedy, language)),
        )
        lines = [f"{self.code}  {self._filled(self.kind.what, language)}"]
        lines += [f"  {heading:<6} {text}" for heading, text in parts if text]
        return "\n".join(lines)

    def as_json(self) -> dict[str, object]:
        """Return the problem as a JSON object: in English, the Chinese under ``translations``."""
        return {
            "code": self.code,
            "where": str(self.where),
            **self._parts("en"),
            "translations": {name: self._parts(name) for name in LANGUAGES if name != "en"},
        }

    def _parts(self, language: Language) -> dict[str, str]:
        return {
            "what": self._filled(self.kind.what, language),
            "rule": self._filled(self.kind.rule, language),
            "means": self._filled(self.kind.means, language),
            "try": self._filled(self.kind.remedy, language),
        }

    def _filled(self, text: Text, language: Language) -> str:
        values = {
            name: value.read_in(language) if isinstance(value, Text) else value
            for name, value in self.values.items()
        }
        return text.read_in(language).format(**values)


HEADINGS: dict[Language, tuple[str, str, str, str]] = {
    "en": ("where", "rule", "means", "try"),
    "zh-Hant": ("位置", "規則", "影響", "建議"),
    "zh-Hans": ("位置", "规则", "影响", "建议"),
}


class BranchwiseError(Exception):
    """One or more problems that stop the work.

    Attributes
    ----------
    problems : tuple of Problem
        All problems of the stage, never empty.
    """

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(problem.read_in() for problem in problems))

    @property
    def exit_code(self) -> int:
        """The exit code of the command: the gravest fault decides."""
        return max(EXIT_CODES[problem.kind.fault] for problem in self.problems)


class Problems:
    """A list that collects problems and raises them once.

    Examples
    --------
    >>> problems = Problems()
    >>> problems.raise_if_any()
    """

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def add(self, code: str, where: Where | None = None, **values: object) -> None:
        """Note one problem and go on."""
        self._found.append(problem(code, where, **values))

    def extend(self, found: Sequence[Problem]) -> None:
        """Note several problems and go on."""
        self._found.extend(found)

    def raise_if_any(self) -> None:
        """Raise all problems noted so far as one error, if there are any."""
        if self._found:
            raise BranchwiseError(*self._found)


def problem(code: str, where: Where | None = None, **values: object) -> Problem:
    """Return one occurrence of a declared problem.

    Parameters
    ----------
    code : str
        A code of ``core/problems/*.toml``.
    where : Where, optional
        The place.
    **values
        What the placeholders of its texts stand for.
    """
    return Problem(kind=kinds()[code], where=where or Where(), values=values)


def failure(code: str, where: Where | None = None, **values: object) -> BranchwiseError:
    """Return an error of one problem, to be raised."""
    return BranchwiseError(problem(code, where, **values))


@cache
def kinds() -> dict[str, ProblemKind]:
    """Return every declared problem kind by its code, in order of code."""
    declared: dict[str, ProblemKind] = {}
    for file in sorted(files("branchwise.core.problems").iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".toml"):
            continue
        for code, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
            declared[code] = ProblemKind(
                code=code,
                fault=entry["fault"],
                what=Text.parse(entry["what"]),
                rule=Text.parse(entry["rule"]),
                means=Text.parse(entry["means"]),
                remedy=Text.parse(entry["try"]),
            )
    return dict(sorted(declared.items()))
