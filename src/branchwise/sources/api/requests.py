"""The mapping of an API: ``[[request]]``, each a list of records that comes in pages."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from branchwise.sources.feeds.http import Manners
from branchwise.sources.feeds.marks import Overlap, parse_overlap
from branchwise.sources.feeds.sections import Kinds, Section, Sections
from branchwise.sources.mapping import Mapping

PAGINGS = ("none", "page", "offset", "cursor", "link")
API_KEYS: Kinds = {
    "base_url": str, "headers": dict, "timeout_seconds": (int, float), "attempts": int,
    "patience_seconds": (int, float), "requests_per_second": (int, float),
    "largest_mebibytes": (int, float), "resume_hours": (int, float),
}  # fmt: skip
REQUEST_KEYS: Kinds = {
    "path": str, "parameters": dict, "records": str, "paging": str, "page_parameter": str,
    "first_page": int, "offset_parameter": str, "cursor": str, "cursor_parameter": str,
    "next": str, "total": str, "max_pages": int, "key": list, "optional": list,
    "watermark": str, "since_parameter": str, "overlap": (str, int, float),
}  # fmt: skip
MAX_PAGES = 10_000
RESUME_HOURS = 24.0
SECRET_HEADER = re.compile("authori|token|key|secret|cookie|password", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One list of records.

    Attributes
    ----------
    name, path : str
        What the mapping calls it, and its path under the base URL.
    parameters : mapping of str to str
        Parameters of every request.
    records : str
        Path of the list inside the answer, with dots; empty where the answer is the list.
    paging : {"none", "page", "offset", "cursor", "link"}
        How the next page is asked for.
    page_parameter, offset_parameter, cursor_parameter : str
        The parameter that counts pages or records, or takes the cursor.
    first_page : int
        Number of the first page.
    cursor, next : str
        Path inside the answer of the cursor, and of the next page's URL; for ``link`` without
        `next` the header ``Link`` says it (RFC 8288).
    total : str
        Path inside the answer of the number of all records, checked at the end.
    max_pages : int
        More pages than that are taken for paging without an end.
    key : tuple of str
        What identifies a record; all of it where empty.
    optional : tuple of str
        Names that a page may lack.
    watermark, since_parameter : str or None
        By which new records are known, and the parameter that asks for them.
    overlap : timedelta, Decimal or None
        How far before the mark the next load asks again.
    """

    name: str
    path: str
    parameters: MappingABC[str, str] = field(default_factory=dict)
    records: str = ""
    paging: str = "none"
    page_parameter: str = "page"
    first_page: int = 1
    offset_parameter: str = "offset"
    cursor: str = ""
    cursor_parameter: str = "cursor"
    next: str = ""
    total: str = ""
    max_pages: int = MAX_PAGES
    key: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    watermark: str | None = None
    since_parameter: str | None = None
    overlap: Overlap | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiMapping:
    """A checked mapping of an API.

    Attributes
    ----------
    mapping : Mapping
        Tables over the requests.
    requests : tuple of Request
        The requests, in the order of `mapping.files`.
    base_url : str or None
        Where the mapping says it.
    headers : mapping of str to str
        Headers of every request, secrets still as ``{env:NAME}``.
    manners : Manners
        How the server is asked.
    resume_hours : float
        How long the pages of a load that was stopped are of use [h].
    """

    mapping: Mapping
    requests: tuple[Request, ...]
    base_url: str | None
    headers: MappingABC[str, str]
    manners: Manners
    resume_hours: float


def read_api_mapping(path: Path, adapter: str) -> ApiMapping:
    """Read the mapping of an API and check it.

    Parameters
    ----------
    path : Path
        The TOML file.
    adapter : str
        Name of the feed, for the record of the sources.

    Raises
    ------
    BranchwiseError
        [BW-SRC-003] to [BW-SRC-012], [BW-SRC-062] to [BW-SRC-064], [BW-SRC-084], all at once.
    """
    sections = Sections(path, entry="request", whole="api", adapter=adapter)
    api = sections.whole(API_KEYS)
    headers = _texts(sections, api, "headers")
    for name, value in headers.items():
        if SECRET_HEADER.search(name) and "{env:" not in value:
            sections.problems.add("BW-SRC-084", sections.where("api.headers", name), name=name)
    requests = tuple(_request(sections, one) for one in sections.entries(REQUEST_KEYS, ("path",)))
    made = manners_of(sections, api)
    return ApiMapping(
        mapping=sections.mapping(),
        requests=requests,
        base_url=api.get("base_url"),
        headers=headers,
        manners=made,
        resume_hours=float(api.get("resume_hours", RESUME_HOURS)),
    )


def manners_of(sections: Sections, whole: Section, default: Manners | None = None) -> Manners:
    """Return how a server is asked, as the section for the whole mapping says it."""
    plain = default or Manners()
    given: dict[str, Any] = {}
    for key in (
        "timeout_seconds", "attempts", "patience_seconds", "requests_per_second",
        "largest_mebibytes",
    ):  # fmt: skip
        value = whole.get(key, getattr(plain, key))
        if value <= 0 and key != "patience_seconds":
            sections.wrong(whole.place, key, value, "a number above 0")
            value = getattr(plain, key)
        given[key] = value
    return Manners(agent=plain.agent, **given)


def _request(sections: Sections, given: Section) -> Request:
    paging = str(given.get("paging", "none"))
    if paging not in PAGINGS:
        sections.wrong(given.place, "paging", paging, "one of " + ", ".join(PAGINGS))
    if paging == "cursor" and not given.get("cursor"):
        sections.problems.add("BW-SRC-062", sections.where(given.place), key="cursor")
    if given.get("watermark") and not given.get("since_parameter"):
        sections.problems.add("BW-SRC-062", sections.where(given.place), key="since_parameter")
    if urlsplit(str(given.get("path", ""))).scheme:
        sections.wrong(given.place, "path", given.get("path"), "a path under base_url")
    if given.get("max_pages", 1) < 1:
        sections.wrong(given.place, "max_pages", given.get("max_pages"), "a number above 0")
    overlap = parse_overlap(given.get("overlap")) if "overlap" in given.given else None
    if "overlap" in given.given and overlap is None:
        allowed = 'a time such as "36h" or "2d", or a number for a numbered name'
        sections.wrong(given.place, "overlap", given.get("overlap"), allowed)
    plain = {
        key: given.get(key)
        for key in REQUEST_KEYS
        if key in given.given and key not in ("parameters", "key", "optional", "overlap")
    }
    return Request(
        name=str(given.get("name", "")),
        **{"path": "", **plain},
        parameters=_texts(sections, given, "parameters"),
        key=tuple(str(name) for name in given.get("key", ())),
        optional=tuple(str(name) for name in given.get("optional", ())),
        overlap=overlap,
    )


def _texts(sections: Sections, given: Section, key: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in given.get(key, {}).items():
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            sections.wrong(given.place, f"{key}.{name}", value, "a text in quotes or a number")
        else:
            found[name] = str(value)
    return found
