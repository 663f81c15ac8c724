"""The feed ``api``: lists of records that a server hands out as JSON over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from branchwise.core.errors import BranchwiseError, Where, failure, problem
from branchwise.core.languages import Text
from branchwise.core.ports import Engine
from branchwise.sources.api.fetching import Fetching, fetch
from branchwise.sources.api.kept import Kept, Progressed
from branchwise.sources.api.requests import ApiMapping, Request, read_api_mapping
from branchwise.sources.feeds.address import Address, filled, read_address
from branchwise.sources.feeds.http import Client
from branchwise.sources.feeds.marks import Highest, Mark, keep_mark, later, mark_name, read_mark
from branchwise.sources.feeds.model import Asking, Settle, settle_all
from branchwise.sources.feeds.sections import rule_of
from branchwise.sources.files import install_missing_macros, mapped_tables
from branchwise.sources.model import Delivery, FileRead
from branchwise.sources.reading.workshop import Readings, RowFile, Workshop

READING = Text(en="Asking for {name}", zh_hant="取得 {name}", zh_hans="获取 {name}")
HTTP = ("http", "https")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What the requests of one mapping share.

    Attributes
    ----------
    asking : Asking
        What the feed is asked for.
    address : Address
        The server.
    given : ApiMapping
        The mapping.
    client : Client
        Asks the server.
    workshop : Workshop
        The engine and the scratch folder.
    """

    asking: Asking
    address: Address
    given: ApiMapping
    client: Client
    workshop: Workshop

    def filled(self, text: str) -> str:
        """Put secrets of the environment into a text."""
        return filled(text, self.asking.environment)[0]


class ApiFeed:
    """Reads JSON APIs as a mapping describes them.

    Examples
    --------
    >>> ApiFeed().name
    'api'
    """

    name = "api"

    def read(self, asking: Asking, engine: Engine, *, scratch: Path) -> Delivery:
        """Ask a server; see `branchwise.sources.feeds.model.Feed.read`.

        Raises
        ------
        BranchwiseError
            Those of `read_api_mapping` and `read_address`; [BW-SRC-025] together with the reason
            of each request if none could be read; [BW-SRC-057] if a mark cannot be read.
        """
        given = read_api_mapping(asking.mapping, self.name)
        address = http_address(asking, given.base_url)
        headers = {
            name: filled(value, asking.environment)[0] for name, value in given.headers.items()
        }
        install_missing_macros(engine)
        workshop = Workshop(engine=engine, scratch=scratch)
        readings: dict[str, Readings] = {}
        settles: list[Settle] = []
        with Client(address, given.manners, headers) as client:
            session = Session(
                asking=asking, address=address, given=given, client=client, workshop=workshop
            )
            for request in given.requests:
                with asking.progress.task(READING.filled(name=request.name)):
                    readings[request.name], settle = _read(session, request)
                settles += settle
        return _delivery(session, readings, settles)


def http_address(asking: Asking, written: str | None) -> Address:
    """Return the server's address: what was asked for, else what the mapping says.

    Raises
    ------
    BranchwiseError
        [BW-SRC-061] if there is none, or one that is no HTTP.
    """
    address = asking.address
    if address is None and written:
        address = read_address(written, asking.environment)
    if address is None or address.scheme not in HTTP:
        shown = "–" if address is None else address.shown
        raise failure("BW-SRC-061", Where(place=asking.mapping.name), shown=shown)
    return address


def _read(session: Session, request: Request) -> tuple[Readings, list[Settle]]:
    """Fetch one request and make rows of its pages; a refused one leaves the others alone."""
    asking, mapping = session.asking, session.given.mapping
    rule = rule_of(mapping, request.name)
    place = f"{session.address.fingerprint} {request.name}"
    name = mark_name(rule.data_source.data_source_id, place)
    is_marked = request.watermark is not None and not asking.is_full
    mark = read_mark(asking.kept, name) if is_marked else None
    fetching = Fetching(
        request=request,
        base_url=session.address.url,
        wanted=tuple(
            dict.fromkeys([*mapping.wanted(request.name), *filter(None, [request.watermark])])
        ),
        since=None if mark is None else str(mark.since(request.overlap, place=request.name)),
        now=asking.clock(),
        resume_hours=session.given.resume_hours,
    )
    kept = Kept(asking.kept / f"{name}.pages")
    readings = Readings()
    try:
        with kept.held():
            progressed, resumed = fetch(fetching, session.client, kept, session.filled)
            highest = _rows(session, fetching, kept, progressed, readings)
    except BranchwiseError as error:
        readings.refused += error.problems
        return readings, []
    if resumed:
        readings.note("BW-SRC-092", request.name, count=resumed)
    if progressed.count_again:
        readings.note("BW-SRC-093", request.name, count=progressed.count_again)
    return readings, [*_settling(asking, name, mark, highest.mark()), kept.forget]


def _rows(
    session: Session, fetching: Fetching, kept: Kept, progressed: Progressed, readings: Readings
) -> Highest:
    """Make rows of the kept pages, numbered through; the watermark is looked at on the way."""
    request = fetching.request
    rule = rule_of(session.given.mapping, request.name)
    rows = RowFile(session.workshop, rule, fetching.wanted)
    highest = Highest(fetching.now)
    count = 0
    for count, (_, cells) in enumerate(kept.rows(progressed), 1):
        rows.add(request.name, count, cells, None)
        if request.watermark is not None:
            highest.add([cells[fetching.wanted.index(request.watermark)]])
    readings.queries.append(rows.query())
    readings.first_row = 1
    read = FileRead(path=request.name, form="json", encoding=None, count_rows=count)
    if count or fetching.since is None:
        readings.accept(read)
    else:  # nothing new is what one expects of most nights
        readings.files.append(read)
    if highest.count_ignored:
        reached = highest.mark()
        readings.note(
            "BW-SRC-056",
            request.name,
            count=highest.count_ignored,
            column=request.watermark,
            mark="–" if reached is None else reached.value,
        )
    return highest


def _settling(asking: Asking, name: str, before: Mark | None, mark: Mark | None) -> list[Settle]:
    reached = later(before, mark)
    return (
        [] if mark is None or reached is None else [partial(keep_mark, asking.kept, name, reached)]
    )


def _delivery(session: Session, readings: dict[str, Readings], settles: list[Settle]) -> Delivery:
    refused = tuple(bad for each in readings.values() for bad in each.refused)
    files = tuple(read for each in readings.values() for read in each.files)
    if not files:
        shown = session.address.shown
        none = problem("BW-SRC-025", Where(place=shown), path=shown, count=len(readings))
        raise BranchwiseError(none, *refused)
    return Delivery(
        tables=mapped_tables(session.given.mapping, readings, session.workshop),
        refused=refused,
        notes=tuple(note for each in readings.values() for note in each.notes),
        files=files,
        settle=partial(settle_all, tuple(settles)),
    )
