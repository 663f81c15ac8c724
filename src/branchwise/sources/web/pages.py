"""The mapping of public web pages: ``[[page]]``, and the basis on which they are read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from branchwise.sources.api.requests import manners_of
from branchwise.sources.feeds.http import Manners
from branchwise.sources.feeds.sections import Kinds, Sections
from branchwise.sources.mapping import FORMATS, FileRule, Mapping

WEB_KEYS: Kinds = {
    "who": str, "why": str, "licence": str, "contact": str, "timeout_seconds": (int, float),
    "attempts": int, "patience_seconds": (int, float), "requests_per_second": (int, float),
    "largest_mebibytes": (int, float),
}  # fmt: skip
PAGE_KEYS: Kinds = {
    "url": str, "number": int, "format": str, "encoding": str, "header": int, "delimiter": str,
    "sheet": str,
}  # fmt: skip
BASIS = ("who", "why", "licence", "contact")
SLOWLY = Manners(requests_per_second=0.5, attempts=3, patience_seconds=60.0)
HTML = "html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Why a public page may be read: part of the record of processing.

    Attributes
    ----------
    who, why, licence, contact : str
        Who reads it, what for, the licence or law that allows it, and whom its owner may write to.
    """

    who: str
    why: str
    licence: str
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebPage:
    """One public page.

    Attributes
    ----------
    name, url : str
        What the mapping calls it, and where it is.
    number : int
        Which table of the page, from 1.
    form : str
        ``html``, or a form of files where the URL leads to one.
    rule : FileRule
        How what comes is read.
    """

    name: str
    url: str
    number: int
    form: str
    rule: FileRule


@dataclass(frozen=True, slots=True, kw_only=True)
class WebMapping:
    """A checked mapping of public web pages."""

    mapping: Mapping
    pages: tuple[WebPage, ...]
    basis: Basis
    manners: Manners


def read_web_mapping(path: Path, adapter: str) -> WebMapping:
    """Read the mapping of public web pages and check it.

    Parameters
    ----------
    path : Path
        The TOML file.
    adapter : str
        Name of the feed, for the record of the sources.

    Raises
    ------
    BranchwiseError
        [BW-SRC-003] to [BW-SRC-012], [BW-SRC-062] to [BW-SRC-064], [BW-SRC-094] where the basis
        is not said; all at once.
    """
    sections = Sections(path, entry="page", whole="web", adapter=adapter)
    web = sections.whole(WEB_KEYS)
    for key in BASIS:
        if not str(web.get(key, "")).strip():
            sections.problems.add("BW-SRC-094", sections.where("web", key), key=key)
    basis = Basis(**{key: str(web.get(key, "")).strip() for key in BASIS})
    agent = f"branchwise (+{basis.contact})"
    manners = manners_of(sections, web, replace(SLOWLY, agent=agent))
    entries = sections.entries(PAGE_KEYS, ("url",))
    for one in entries:
        form = one.get("format", HTML)
        if form not in (HTML, *FORMATS):
            sections.wrong(one.place, "format", form, "one of " + ", ".join((HTML, *FORMATS)))
        if not str(one.get("url", "")).startswith(("https://", "http://")):
            sections.wrong(one.place, "url", one.get("url"), "an address with http or https")
        if one.get("number", 1) < 1:
            sections.wrong(one.place, "number", one.get("number"), "1 or more")
    mapping = _with_basis(sections.mapping(), basis)
    pages = []
    for one, rule in zip(entries, mapping.files, strict=True):
        form = str(one.get("format", HTML))
        given = {key: one.get(key) for key in ("encoding", "header", "delimiter", "sheet")}
        read = {**given, "format": "csv", "encoding": "utf-8"} if form == HTML else given
        rule = replace(rule, **{"format": form, **read})  # noqa: PLW2901
        number = int(one.get("number", 1))
        pages.append(WebPage(name=rule.name, url=str(one.get("url")), number=number, form=form,
                             rule=rule))  # fmt: skip
    return WebMapping(mapping=mapping, pages=tuple(pages), basis=basis, manners=manners)


def _with_basis(mapping: Mapping, basis: Basis) -> Mapping:
    """Return the mapping with the basis written into each source, for the table of sources."""
    rules = []
    for rule in mapping.files:
        source = rule.data_source
        why = f"{source.purpose or basis.why} · {basis.licence}"
        named = replace(source, owner=source.owner or basis.who, purpose=why)
        rules.append(replace(rule, data_source=named))
    return replace(mapping, files=tuple(rules))
