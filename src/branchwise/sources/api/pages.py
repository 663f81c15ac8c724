"""Pages: what is in an answer, and where the next one is."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urljoin

from branchwise.core.errors import BranchwiseError, Where, failure
from branchwise.sources.api.requests import Request
from branchwise.sources.feeds.http import Answer

_LINK = re.compile(r"<([^>]*)>([^<]*)")
_NEXT = re.compile(r"""rel\s*=\s*"?[^"]*\bnext\b""", re.IGNORECASE)
MISSING = object()
SHOWN_LETTERS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where one page is asked for.

    Attributes
    ----------
    url : str
        Its URL.
    parameters : dict of str to str
        Parameters besides those of the URL.
    """

    url: str
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The records of one answer.

    Attributes
    ----------
    records : tuple of dict
        The records.
    body : object
        The whole answer.
    """

    records: tuple[Mapping[str, Any], ...]
    body: object

    def digest(self, names: Sequence[str]) -> str:
        """Return what tells this page from others: of the given names, or of everything."""
        if names:
            listed: list[Any] = [[found(one, name, None) for name in names] for one in self.records]
        else:
            listed = list(self.records)
        text = json.dumps(listed, sort_keys=True, ensure_ascii=True, default=str)
        return sha256(text.encode()).hexdigest()


def unsound(answer: Answer) -> str:
    """Say what is wrong with an answer that breaks off: it may be whole the next time.

    A page of HTML is not: it is what a login or a proxy answers, again and again.

    Examples
    --------
    >>> unsound(Answer(status=200, headers={}, content=b'{"items": [{"id": 1}, {"i'))
    'the JSON breaks off'
    """
    if _is_html(answer):
        return ""
    try:
        json.loads(answer.content)
    except (ValueError, RecursionError):
        return "the JSON breaks off"
    return ""


def read_page(answer: Answer, request: Request, number: int) -> Page:
    """Read the records of an answer.

    Raises
    ------
    BranchwiseError
        [BW-SRC-085] if it is no JSON, or holds no list of objects where the mapping says.
    """
    try:
        if _is_html(answer):
            raise _unreadable(request, number, f"a page of {answer.media_type or 'HTML'}")
        body = json.loads(answer.content, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        reason = f"no JSON but {answer.media_type or 'something else'}"
        unread = _unreadable(request, number, reason)
    else:
        records = body if not request.records else found(body, request.records)
        if isinstance(records, list) and all(isinstance(one, dict) for one in records):
            return Page(records=tuple(records), body=body)
        where = request.records or "the answer"
        unread = _unreadable(request, number, f"{where} is no list of objects")
    raise unread


def first_step(base_url: str, request: Request, since: str | None) -> Step:
    """Return where the first page is asked for."""
    parameters = dict(request.parameters)
    if since is not None and request.since_parameter is not None:
        parameters[request.since_parameter] = since
    if request.paging == "page":
        parameters[request.page_parameter] = str(request.first_page)
    if request.paging == "offset":
        parameters[request.offset_parameter] = "0"
    url = base_url.rstrip("/") + "/" + request.path.lstrip("/")
    return Step(url=url.rstrip("/") if not request.path else url, parameters=parameters)


def next_step(
    request: Request, step: Step, page: Page, answer: Answer, *, count_records: int
) -> Step | None:
    """Return where the page after this one is asked for, or None after the last.

    Parameters
    ----------
    request : Request
        The list.
    step, page, answer
        The page that was read.
    count_records : int
        Records of all pages so far, those of this one included.

    Examples
    --------
    >>> request = Request(name="tickets", path="/tickets", paging="offset")
    >>> step = first_step("https://queue.bank", request, None)
    >>> page = Page(records=({"id": "1"},), body=[])
    >>> answer = Answer(status=200, headers={}, content=b"")
    >>> next_step(request, step, page, answer, count_records=1).parameters
    {'offset': '1'}
    """
    if request.paging in ("page", "offset"):
        # A short page is no end: servers cut the size that was asked for. An empty one is.
        if not page.records:
            return None
        name = request.page_parameter if request.paging == "page" else request.offset_parameter
        number = int(step.parameters[name]) + 1 if request.paging == "page" else count_records
        return Step(url=step.url, parameters={**step.parameters, name: str(number)})
    if request.paging == "cursor":
        cursor = found(page.body, request.cursor, None)
        if cursor in (None, "", False):
            return None
        changed = {**step.parameters, request.cursor_parameter: str(cursor)}
        return Step(url=step.url, parameters=changed)
    if request.paging == "link":
        url = found(page.body, request.next, None) if request.next else linked(answer.headers)
        return Step(url=urljoin(step.url, str(url)), parameters={}) if url else None
    return None


def linked(headers: Mapping[str, str]) -> str | None:
    """Return the URL that the header ``Link`` names as the next one.

    Examples
    --------
    >>> linked({"link": '</t?page=1>; rel="prev", </t?page=3>; rel="next"'})
    '/t?page=3'
    """
    for url, attributes in _LINK.findall(headers.get("link", "")):
        if _NEXT.search(attributes):
            return str(url)
    return None


def found(body: object, path: str, default: object = MISSING) -> Any:  # noqa: ANN401 - JSON
    """Return what stands at a name or a path with dots, or the default.

    Examples
    --------
    >>> found({"data": {"items": [1]}}, "data.items"), found({"a.b": 2}, "a.b")
    ([1], 2)
    """
    if isinstance(body, dict) and path in body:
        return body[path]
    for name in path.split("."):
        if not isinstance(body, dict) or name not in body:
            return default
        body = body[name]
    return body


def cell(value: object) -> str | None:
    """Return a value of a record as text; numbers have kept their digits.

    Examples
    --------
    >>> cell(True), cell("1.50"), cell(["1", "2"])
    ('true', '1.50', '["1", "2"]')
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def _is_html(answer: Answer) -> bool:
    start = answer.content[:SHOWN_LETTERS].lstrip().lower()
    is_declared = answer.media_type in ("text/html", "application/xhtml+xml")
    return start.startswith((b"<!doctype", b"<html")) or (is_declared and start[:1] not in b"{[")


def _unreadable(request: Request, number: int, reason: str) -> BranchwiseError:
    where = Where(place=request.name)
    return failure("BW-SRC-085", where, name=request.name, page=number, reason=reason)
