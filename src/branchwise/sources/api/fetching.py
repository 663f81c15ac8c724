"""Fetching all pages of a request, each checked against those before it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from branchwise.core.errors import Where, failure
from branchwise.sources.api.kept import Kept, Progressed
from branchwise.sources.api.pages import (
    MISSING,
    Page,
    Step,
    cell,
    first_step,
    found,
    next_step,
    read_page,
    unsound,
)
from branchwise.sources.api.requests import Request
from branchwise.sources.feeds.http import Answer, Client
from branchwise.sources.headings import nearest

Filled = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetching:
    """One request on its way.

    Attributes
    ----------
    request : Request
        The list of records.
    base_url : str
        The server and the path under which the request's path stands.
    wanted : tuple of str
        The names that are kept of each record.
    since : str or None
        From where new records are asked for.
    now : datetime
        The present instant.
    resume_hours : float
        How long kept pages are of use [h].
    """

    request: Request
    base_url: str
    wanted: tuple[str, ...]
    since: str | None
    now: datetime
    resume_hours: float

    @property
    def asked(self) -> str:
        """Fingerprint of all that decides what comes."""
        request = self.request
        step = first_step(self.base_url, request, self.since)
        decisive = (step.url, step.parameters, request.records, request.paging, self.wanted)
        return sha256(json.dumps(decisive).encode()).hexdigest()


def fetch(fetching: Fetching, client: Client, kept: Kept, filled: Filled) -> tuple[Progressed, int]:
    """Fetch the pages that are not kept yet.

    Parameters
    ----------
    fetching : Fetching
        What is asked for.
    client : Client
        Asks the server.
    kept : Kept
        Where each page is kept as soon as it is checked.
    filled : callable
        Puts secrets into the parameters, only at the moment of asking.

    Returns
    -------
    (Progressed, int)
        The whole request, and how many of its pages were kept by an earlier try.

    Raises
    ------
    BranchwiseError
        Those of `Client` and `read_page`; [BW-SRC-087] if a name is missing, [BW-SRC-088] if it
        was there on the pages before, [BW-SRC-089] if a page comes again, [BW-SRC-090] if there
        is no end, [BW-SRC-091] if fewer records came than there are. Sound pages stay kept.
    """
    request = fetching.request
    progressed = kept.read(fetching.asked, fetching.now, fetching.resume_hours)
    resumed = 0 if progressed is None else len(progressed.counts)
    if progressed is None:
        start = first_step(fetching.base_url, request, fetching.since)
        progressed = Progressed(asked=fetching.asked, began_at=fetching.now.isoformat())
        _go_on(progressed, start)
    before: set[tuple[str | None, ...]] = set()
    while (step := progressed.step) is not None:
        number = len(progressed.counts) + 1
        if number > request.max_pages:
            where = Where(place=request.name)
            raise failure("BW-SRC-090", where, name=request.name, limit=request.max_pages)
        parameters = {name: filled(value) for name, value in step.parameters.items()}
        answer = client.get(step.url, parameters, sound=unsound)
        page = read_page(answer, request, number)
        before = _check(page, fetching, progressed, before)
        _take(page, answer, step, fetching, progressed)
        kept.add([_cells(one, fetching.wanted) for one in page.records], progressed)
    _require_all(request, progressed)
    return progressed, resumed


def _check(
    page: Page,
    fetching: Fetching,
    progressed: Progressed,
    before: set[tuple[str | None, ...]],
) -> set[tuple[str | None, ...]]:
    request, number = fetching.request, len(progressed.counts) + 1
    where = Where(place=f"{request.name} page {number}")
    if page.records:
        for name in fetching.wanted:
            if name not in request.optional:
                _require_name(page, name, progressed, where, request.name)
        digest = page.digest(request.key)
        if digest in progressed.digests:
            earlier = progressed.digests.index(digest) + 1
            raise failure("BW-SRC-089", where, name=request.name, page=number, earlier=earlier)
    if not request.key:
        return before
    keys = {tuple(cell(found(one, name, None)) for name in request.key) for one in page.records}
    progressed.count_again += len(keys & before)
    return keys


def _require_name(
    page: Page, name: str, progressed: Progressed, where: Where, request: str
) -> None:
    """Refuse a name that no record of the page has, unless some records before lacked it too."""
    if any(found(one, name) is not MISSING for one in page.records):
        return
    known = list(dict.fromkeys(key for one in page.records for key in _names(one)))
    given = {"name": name, "request": request, "nearest": nearest(name, known) or "–"}
    if progressed.steady is None:
        raise failure("BW-SRC-087", where, known=", ".join(known), **given)
    if name in progressed.steady:
        raise failure("BW-SRC-088", where, page=len(progressed.counts) + 1, **given)


def _names(record: object, before: str = "") -> list[str]:
    names = []
    for key, value in record.items() if isinstance(record, dict) else ():
        names.append(f"{before}{key}")
        names += _names(value, f"{before}{key}.")
    return names


def _take(
    page: Page, answer: Answer, step: Step, fetching: Fetching, progressed: Progressed
) -> None:
    request = fetching.request
    progressed.counts.append(len(page.records))
    progressed.digests.append(page.digest(request.key) if page.records else "")
    if page.records:
        names = fetching.wanted if progressed.steady is None else progressed.steady
        progressed.steady = [
            name for name in names if all(found(one, name) is not MISSING for one in page.records)
        ]
    total = found(page.body, request.total, None) if request.total else None
    if total is not None and str(total).isdigit():
        progressed.total = int(str(total))
    count = sum(progressed.counts)
    _go_on(progressed, next_step(request, step, page, answer, count_records=count))


def _go_on(progressed: Progressed, step: Step | None) -> None:
    if step is None:
        progressed.next = None
    else:
        progressed.next = {"url": step.url, "parameters": step.parameters}


def _require_all(request: Request, progressed: Progressed) -> None:
    count = sum(progressed.counts)
    if progressed.total is not None and count < progressed.total:
        where = Where(place=request.name)
        raise failure("BW-SRC-091", where, name=request.name, count=count, total=progressed.total)


def _cells(record: object, wanted: Sequence[str]) -> list[str | None]:
    return [cell(found(record, name, None)) for name in wanted]
