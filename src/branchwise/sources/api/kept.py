"""Pages that are kept in the workspace until the load that fetched them is published.

They hold the wanted names of the records only, as the server sent them, readable by the owner of
the workspace alone. A load that was stopped goes on after the last one; they are deleted when the
rows are stored, when they are too old, and when something else is asked for.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from branchwise.core.errors import Where, failure
from branchwise.sources.api.pages import Step

PLAN = "pages.json"
LOCK = "lock"
SECONDS_PER_HOUR = 3600.0


@dataclass(slots=True)
class Progressed:
    """How far a request got.

    Attributes
    ----------
    asked : str
        Fingerprint of what is asked for.
    began_at : str
        When its first page was asked for.
    counts : list of int
        Records by page.
    digests : list of str
        What tells the pages apart.
    steady : list of str or None
        Names that every record so far has; None before the first record.
    total : int or None
        Records that there are, where the server says so.
    count_again : int
        Records that stood on the page before already.
    next : dict or None
        Where the next page is asked for; None after the last one.
    """

    asked: str
    began_at: str
    counts: list[int] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    steady: list[str] | None = None
    total: int | None = None
    count_again: int = 0
    next: dict[str, Any] | None = None

    @property
    def step(self) -> Step | None:
        """Where the next page is asked for."""
        return None if self.next is None else Step(**self.next)


class Kept:
    """The kept pages of one request.

    Parameters
    ----------
    folder : Path
        Their folder; it may not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other loads away for the length of the block.

        Raises
        ------
        BranchwiseError
            [BW-SRC-086] if another load is fetching the same pages.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = self.folder.with_suffix(f".{LOCK}")
        opened = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(opened)
            is_busy = True
        else:
            is_busy = False
        if is_busy:
            raise failure("BW-SRC-086", Where(place=self.folder.name), name=self.folder.name)
        try:
            yield
        finally:
            os.close(opened)

    def read(self, asked: str, now: datetime, hours: float) -> Progressed | None:
        """Return how far the same request got not too long ago; else forget what is kept."""
        try:
            given = json.loads((self.folder / PLAN).read_text(encoding="utf-8"))
            progressed = Progressed(**given)
            age = (now - datetime.fromisoformat(progressed.began_at)).total_seconds()
            pages = all(self._page(n + 1).is_file() for n in range(len(progressed.counts)))
        except (OSError, ValueError, TypeError):
            self._forget_pages()
            return None
        if progressed.asked != asked or not pages or not 0 <= age <= hours * SECONDS_PER_HOUR:
            self._forget_pages()
            return None
        return progressed

    def add(self, rows: Sequence[Sequence[str | None]], progressed: Progressed) -> None:
        """Keep one page more, and then how far the request got."""
        number = len(progressed.counts)
        lines = (json.dumps(row, ensure_ascii=True) for row in rows)
        self._write(self._page(number), "".join(f"{line}\n" for line in lines))
        self._write(self.folder / PLAN, json.dumps(asdict(progressed)))

    def rows(self, progressed: Progressed) -> Iterator[tuple[int, list[str | None]]]:
        """Yield the rows of all pages, with the number of their page."""
        for number in range(1, len(progressed.counts) + 1):
            with self._page(number).open(encoding="utf-8") as lines:
                for line in lines:
                    yield number, json.loads(line)

    def forget(self) -> None:
        """Delete what is kept."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.with_suffix(f".{LOCK}").unlink(missing_ok=True)

    def _forget_pages(self) -> None:
        for path in (*self.folder.glob("*.jsonl"), *self.folder.glob(".*.new")):
            path.unlink(missing_ok=True)
        (self.folder / PLAN).unlink(missing_ok=True)

    def _page(self, number: int) -> Path:
        return self.folder / f"{number:06d}.jsonl"

    def _write(self, path: Path, text: str) -> None:
        beside = path.with_name(f".{path.name}.new")
        opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
