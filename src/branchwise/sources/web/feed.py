"""The feed ``web``: tables of public pages, and files that lie openly on the web."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

from branchwise.core.errors import BranchwiseError, Where, failure, problem
from branchwise.core.languages import Text
from branchwise.core.ports import Engine
from branchwise.sources.feeds.address import read_address, without_secrets
from branchwise.sources.feeds.http import Client
from branchwise.sources.feeds.model import Asking
from branchwise.sources.files import READERS, install_missing_macros, mapped_tables
from branchwise.sources.model import Delivery
from branchwise.sources.reading.workshop import FoundFile, Readings, Workshop
from branchwise.sources.web.html import decoded, tables_of
from branchwise.sources.web.pages import HTML, WebMapping, WebPage, read_web_mapping
from branchwise.sources.web.robots import Robots, read_robots

READING = Text(en="Asking for {name}", zh_hant="取得 {name}", zh_hans="获取 {name}")


class WebFeed:
    """Reads public web tables as a mapping describes them.

    Examples
    --------
    >>> WebFeed().name
    'web'
    """

    name = "web"

    def read(self, asking: Asking, engine: Engine, *, scratch: Path) -> Delivery:
        """Ask for public pages; see `branchwise.sources.feeds.model.Feed.read`.

        Raises
        ------
        BranchwiseError
            Those of `read_web_mapping`; [BW-SRC-025] together with the reason of each page if none
            could be read.
        """
        given = read_web_mapping(asking.mapping, self.name)
        install_missing_macros(engine)
        workshop = Workshop(engine=engine, scratch=scratch)
        rules: dict[str, Robots] = {}
        readings: dict[str, Readings] = {}
        for page in given.pages:
            with asking.progress.task(READING.filled(name=page.name)):
                readings[page.name] = _read(page, given, rules, workshop)
        refused = tuple(bad for each in readings.values() for bad in each.refused)
        files = tuple(read for each in readings.values() for read in each.files)
        if not files:
            place = asking.mapping.name
            none = problem("BW-SRC-025", Where(place=place), path=place, count=len(given.pages))
            raise BranchwiseError(none, *refused)
        return Delivery(
            tables=mapped_tables(given.mapping, readings, workshop),
            refused=refused,
            notes=tuple(note for each in readings.values() for note in each.notes),
            files=files,
        )


def _read(
    page: WebPage, given: WebMapping, rules: dict[str, Robots], workshop: Workshop
) -> Readings:
    """Read one page; one that may not or cannot be read leaves the others alone."""
    address = read_address(page.url)
    shown = without_secrets(page.url)
    try:
        with Client(address, given.manners) as client:
            site = "/".join(shown.split("/")[:3])
            if site not in rules:
                rules[site] = read_robots(client, page.url, given.manners.agent)
        if not rules[site].allows(page.url):
            forbidden = "/" + "/".join(shown.split("/")[3:])
            raise failure("BW-SRC-095", Where(place=shown), shown=site, path=forbidden)
        apart = max(rules[site].delay_seconds, 1.0 / given.manners.requests_per_second)
        slow = replace(given.manners, requests_per_second=1.0 / apart)
        with Client(address, slow) as client:
            client.rest()
            answer = client.get(page.url)
        declared = answer.headers.get("content-type", "").partition("charset=")[2].strip("\"' ;")
        path = _kept(page, answer.content, declared or None, workshop)
    except BranchwiseError as error:
        return Readings(refused=list(error.problems))
    files = [FoundFile(name=shown, path=path)]
    wanted = given.mapping.wanted(page.name)
    readings = READERS[page.rule.format or "csv"](files, page.rule, wanted, workshop)
    if readings.files:
        basis = given.basis
        readings.note("BW-SRC-097", shown, who=basis.who, why=basis.why, licence=basis.licence)
    return readings


def _kept(page: WebPage, content: bytes, declared: str | None, workshop: Workshop) -> Path:
    """Put what came into the scratch folder: of a web page the one table, as CSV."""
    if page.form != HTML:
        path = workshop.path(f".{page.form}")
        path.write_bytes(content)
        return path
    tables = tables_of(decoded(content, declared))
    if page.number > len(tables):
        shown = without_secrets(page.url)
        raise failure(
            "BW-SRC-096", Where(place=shown), file=shown, number=page.number, known=len(tables)
        )
    path = workshop.path(".csv")
    rows = tables[page.number - 1]
    width = max(map(len, rows), default=0)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([*row, *[""] * (width - len(row))] for row in rows)
    return path
