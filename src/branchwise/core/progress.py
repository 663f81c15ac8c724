"""How long work tells people how far it is: silently, or as a bar on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

from branchwise.core.languages import Language, Text

if TYPE_CHECKING:
    from rich.progress import Progress as RichBars
    from rich.progress import TaskID


class Task(Protocol):
    """One piece of work under way."""

    def advance(self, steps: float = 1) -> None:
        """Say that so many more steps are done."""
        ...


class Progress(Protocol):
    """Where work tells how far it is.

    Examples
    --------
    >>> with silent().task("Reading", total=2) as task:
    ...     task.advance()
    ...     task.advance()
    """

    def task(self, title: Text | str, total: float | None = None) -> AbstractContextManager[Task]:
        """Begin a piece of work of so many steps (None: nobody knows) and end it with the block."""
        ...

    def note(self, message: Text | str) -> None:
        """Tell one line, for example that another process is being waited for."""
        ...


class Silent:
    """A Progress that tells nothing."""

    @contextmanager
    def task(self, title: Text | str, total: float | None = None) -> Iterator[Task]:  # noqa: ARG002
        """Begin a piece of work; nothing is shown."""
        yield self

    def note(self, message: Text | str) -> None:
        """Tell nothing."""

    def advance(self, steps: float = 1) -> None:
        """Show nothing."""


class Bars:
    """A Progress that draws bars on stderr; on a stream that is no terminal, one line a task.

    Parameters
    ----------
    language : {"en", "zh-Hant", "zh-Hans"}
        Language of the titles.
    """

    def __init__(self, language: Language = "en") -> None:
        self._language: Language = language
        self._bars: RichBars | None = None

    @contextmanager
    def task(self, title: Text | str, total: float | None = None) -> Iterator[Task]:
        """Begin a piece of work and draw its bar; tasks may be nested."""
        words = self._read(title)
        if not sys.stderr.isatty():
            sys.stderr.write(f"{words}…\n")
            yield Silent()
            return
        outermost = self._bars is None
        bars = self._bars or _rich_bars()
        self._bars = bars
        if outermost:
            bars.start()
        identity = bars.add_task(words, total=total)
        try:
            yield _Bar(bars, identity)
        finally:
            if outermost:
                bars.stop()
                self._bars = None

    def note(self, message: Text | str) -> None:
        """Write one line to stderr, above the bars if there are any."""
        words = self._read(message)
        if self._bars is None:
            sys.stderr.write(f"{words}\n")
            sys.stderr.flush()
        else:
            self._bars.console.print(words, markup=False, highlight=False)

    def _read(self, words: Text | str) -> str:
        return words if isinstance(words, str) else words.read_in(self._language)


class _Bar:
    def __init__(self, bars: RichBars, identity: TaskID) -> None:
        self._bars = bars
        self._identity = identity

    def advance(self, steps: float = 1) -> None:
        self._bars.advance(self._identity, steps)


def silent() -> Progress:
    """Return a Progress that tells nothing."""
    return Silent()


def bars(language: Language = "en") -> Progress:
    """Return a Progress that draws bars on stderr."""
    return Bars(language)


def _rich_bars() -> RichBars:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
