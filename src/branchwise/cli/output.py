"""What a command prints: tables for people, or one JSON document for programs."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from branchwise import __version__
from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES, Language, Text
from branchwise.core.progress import Progress, bars, silent
from branchwise.core.provenance import stopwatch
from branchwise.core.tabulation import Tabulation

WIDE = 10_000


Answer = TypeVar("Answer", bound="Report")


class Report(Protocol):
    """What a pipeline function returns: readable by programs and by people."""

    def as_json(self) -> dict[str, Any]:
        """Return the ``result`` of the JSON document."""
        ...

    def as_tables(self, language: Language) -> Sequence[Tabulation]:
        """Return the tables for people."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How the answer of a command is wanted.

    Attributes
    ----------
    json : bool
        One JSON document instead of tables.
    language : {"en", "zh-Hant", "zh-Hans"}
        Language of what people read.
    debug : bool
        Show the traceback of an unexpected error.
    command : str
        The verb, empty where none was given.
    """

    json: bool = False
    language: Language = "en"
    debug: bool = False
    command: str = ""

    @classmethod
    def among(cls, arguments: Sequence[str], environment: Mapping[str, str]) -> Wishes:
        """Read the wishes from the command line, however wrong the rest of it is.

        Examples
        --------
        >>> Wishes.among(["measure", "--lang", "zh-Hant", "--json"], {}).language
        'zh-Hant'
        """
        asked = environment.get("BRANCHWISE_LANG", "en")
        for position, argument in enumerate(arguments):
            if argument == "--lang" and position + 1 < len(arguments):
                asked = arguments[position + 1]
            elif argument.startswith("--lang="):
                asked = argument.removeprefix("--lang=")
        verb = arguments[0] if arguments and not arguments[0].startswith("-") else ""
        return cls(
            json="--json" in arguments,
            language=next((language for language in LANGUAGES if language == asked), "en"),
            debug="--debug" in arguments,
            command=verb,
        )


def answer(
    command: str,
    work: Callable[[Progress], Answer],
    *,
    wishes: Wishes,
    seed: int | None = None,
) -> Answer:
    """Do the work of a command, print its report and return it.

    Parameters
    ----------
    command : str
        The verb.
    work : callable
        Takes a Progress and returns the report.
    wishes : Wishes
        How the answer is wanted.
    seed : int, optional
        Seed of all chance in the work.
    """
    progress = silent() if wishes.json else bars(wishes.language)
    with stopwatch() as watch:
        report = work(progress)
    warnings: Sequence[Text | str] = getattr(report, "warnings", ())
    if wishes.json:
        head = heading(command, seed=seed, seconds=watch.seconds)
        head["warnings"] = [_read(warning, "en") for warning in warnings]
        print_document({**head, "result": report.as_json()})
        return report
    for warning in warnings:
        sys.stderr.write(f"! {_read(warning, wishes.language)}\n")
    print_tables(report.as_tables(wishes.language))
    return report


def heading(command: str, *, seed: int | None, seconds: float | None) -> dict[str, Any]:
    """Return the keys that every JSON document begins with."""
    return {
        "command": command,
        "version": __version__,
        "seed": seed,
        "seconds": None if seconds is None else round(seconds, 3),
        "warnings": [],
    }


def print_document(document: Mapping[str, Any]) -> None:
    """Print one JSON document (RFC 8259, UTF-8) on stdout: no NaN, dates as ISO 8601."""
    text = json.dumps(plain(document), ensure_ascii=False, indent=1, allow_nan=False)
    stream = getattr(sys.stdout, "buffer", None)
    if stream is None:
        sys.stdout.write(f"{text}\n")
        return
    sys.stdout.flush()
    stream.write(f"{text}\n".encode())
    stream.flush()


def print_failure(error: BranchwiseError, wishes: Wishes) -> None:
    """Print the problems of an error: on stderr for people, as a document for programs."""
    if wishes.json:
        head = heading(wishes.command, seed=None, seconds=None)
        print_document({**head, "problems": [problem.as_json() for problem in error.problems]})
        return
    shown = "\n\n".join(problem.read_in(wishes.language) for problem in error.problems)
    sys.stderr.write(f"{shown}\n")


def print_tables(tables: Sequence[Tabulation]) -> None:
    """Print tables for people on stdout; without a terminal no line is broken or cut."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    console = Console(highlight=False, markup=False, width=None if terminal else WIDE)
    if terminal:
        for table in tables:
            _print_table(console, table)
        return
    with console.capture() as captured:
        for table in tables:
            _print_table(console, table)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def plain(value: Any) -> Any:  # noqa: ANN401 - any value that a result may hold
    """Return a value as JSON has it: no NaN, no tuple, dates and paths as text.

    Examples
    --------
    >>> plain({"share": float("nan"), "rows": (1, 2)})
    {'share': None, 'rows': [1, 2]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(inner) for inner in value]
    return _plain_scalar(value)


def _plain_scalar(value: Any) -> Any:  # noqa: ANN401
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()  # a numpy scalar
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, (Text, Path)):
        return value.en if isinstance(value, Text) else str(value)
    return str(value)


def _print_table(console: Any, table: Tabulation) -> None:  # noqa: ANN401
    from rich import box
    from rich.table import Table

    if table.title:
        console.print(table.title, style="bold")
    if table.columns:
        numeric = [
            all(row[place] is None or isinstance(row[place], (int, float)) for row in table.rows)
            for place in range(len(table.columns))
        ]
        grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for label, right in zip(table.columns, numeric, strict=True):
            grid.add_column(label, justify="right" if right else "left", overflow="fold")
        for row in table.rows:
            grid.add_row(*(_cell(value) for value in row))
        console.print(grid)
    for note in table.notes:
        console.print(note)


def _cell(value: object) -> Any:  # noqa: ANN401 - a rich Text
    from rich.text import Text as RichText

    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return RichText("–")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return RichText(str(value))
    return RichText(f"{value:,}" if isinstance(value, int) else f"{value:,.4g}")


def _read(words: Text | str, language: Language) -> str:
    return words if isinstance(words, str) else words.read_in(language)
