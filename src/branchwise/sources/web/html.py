"""Tables of a web page, as rows of texts."""

from __future__ import annotations

from html.parser import HTMLParser

SPAN_LIMIT = 1000
SILENT = frozenset({"script", "style", "template"})
CELLS = frozenset({"td", "th"})


class _Table:
    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.below: dict[int, tuple[int, str]] = {}  # column: rows still to fill, text
        self.row: list[str] | None = None
        self.cell: list[str] | None = None
        self.spans = (1, 1)

    def begin_row(self) -> None:
        self.end_row()
        self.row = []

    def end_row(self) -> None:
        self.end_cell()
        if self.row is not None:
            self._fill()
            self.rows.append(self.row)
        self.row = None

    def begin_cell(self, attributes: dict[str, str | None]) -> None:
        self.end_cell()
        if self.row is None:
            self.row = []
        self.cell = []
        self.spans = (_span(attributes.get("rowspan")), _span(attributes.get("colspan")))

    def end_cell(self) -> None:
        if self.cell is None or self.row is None:
            return
        text = " ".join("".join(self.cell).split())
        rows, columns = self.spans
        for _ in range(columns):
            self._fill()
            if rows > 1:
                self.below[len(self.row)] = (rows - 1, text)
            self.row.append(text)
        self.cell = None

    def _fill(self) -> None:
        """Put in the cells that reach down from rows above."""
        if self.row is None:
            return
        while (place := len(self.row)) in self.below:
            left, text = self.below.pop(place)
            if left > 1:
                self.below[place] = (left - 1, text)
            self.row.append(text)


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[_Table] = []
        self._open: list[_Table] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent += 1
        elif tag == "table":
            table = _Table()
            self.found.append(table)
            self._open.append(table)
        elif self._open and tag == "tr":
            self._open[-1].begin_row()
        elif self._open and tag in CELLS:
            self._open[-1].begin_cell(dict(attrs))
        elif tag in ("br", "p", "div", "li"):
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent = max(0, self._silent - 1)
        elif self._open and tag in CELLS:
            self._open[-1].end_cell()
        elif self._open and tag in ("tr", "thead", "tbody", "tfoot"):
            self._open[-1].end_row()
        elif self._open and tag == "table":
            self._open.pop().end_row()

    def handle_data(self, data: str) -> None:
        if self._open and not self._silent and self._open[-1].cell is not None:
            self._open[-1].cell.append(data)


def tables_of(text: str) -> list[list[list[str]]]:
    """Return the tables of a page: rows of cells, merged cells repeated, spaces made one.

    Parameters
    ----------
    text : str
        The page; whatever is wrong in it, what can be read is read.

    Examples
    --------
    >>> tables_of("<table><tr><th>網點<th colspan=2>電話<tr><td>東門<td>1<td>2</table>")
    [[['網點', '電話', '電話'], ['東門', '1', '2']]]
    """
    parser = _Tables()
    parser.feed(text)
    parser.close()
    for table in parser.found:
        table.end_row()
    return [[row for row in table.rows if any(row)] for table in parser.found]


def decoded(content: bytes, declared: str | None) -> str:
    """Return a page as text: by what the server or the page declares, else UTF-8."""
    start = content[:2048].decode("ascii", errors="replace").lower()
    for name in (declared, _declared_in(start), "utf-8"):
        try:
            return content.decode(name or "utf-8")
        except (LookupError, UnicodeDecodeError):
            continue
    return content.decode("utf-8", errors="replace")


def _declared_in(start: str) -> str | None:
    _, found, rest = start.partition("charset=")
    return rest.lstrip("\"' ").split('"')[0].split("'")[0].split(">")[0].strip() if found else None


def _span(given: str | None) -> int:
    number = int(given) if given is not None and given.strip().isdecimal() else 1
    return min(max(1, number), SPAN_LIMIT)
