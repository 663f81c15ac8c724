"""A plan as a workbook: what a board reads, what a branch answers, what finance recalculates.

Numbers are numbers, their units stand in the headings; texts are written as texts whatever they
begin with, so that no cell can become a formula.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from branchwise.core.languages import Language, Text
from branchwise.plan.document import Plan
from branchwise.report import plan_workbook_money as money
from branchwise.report import plan_workbook_options as options
from branchwise.report.benefit import Benefit
from branchwise.report.plan_sheets import Column, Sheet
from branchwise.report.plan_workbook_results import result_sheets

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

WIDEST, NARROWEST = 60, 9
FIRST_WIDE = 0x2E80
LONG_TITLE, LONG_HEIGHT = 90, 84
FORMATS: Mapping[str, str] = {
    "count": "#,##0",
    "real": "#,##0.0##",
    "money": "#,##0.00",
    "share": "0.0%",
    "date": "yyyy-mm-dd",
}
EARLIEST = date(2000, 1, 1)
TITLE_ROW, HEADING_ROW, FIRST_ROW = 0, 2, 3


def write_workbook(
    plan: Plan | None,
    path: Path,
    language: Language = "en",
    *,
    services: Mapping[str, str] | None = None,
    benefits: Sequence[Benefit] = (),
) -> Path:
    """Write a plan, and what became of earlier promises, as a workbook.

    Parameters
    ----------
    plan : Plan or None
        The plan; None: only what became of promises is written.
    path : Path
        The file, ``.xlsx``; an older one is written over.
    language : {"en", "zh-Hant", "zh-Hans"}
        Of headings and texts.
    services : mapping of str to str, optional
        Names of services by code; without it codes are shown.
    benefits : sequence of Benefit, optional
        What became of the bank's actions.

    Returns
    -------
    Path
        The file.
    """
    import xlsxwriter

    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    safe = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(str(beside), safe) as book:
        book.set_properties(_properties(plan, benefits))
        writer = _Writer(book, language)
        for sheet in (*sheets(plan, services), *result_sheets(benefits)):
            writer.write(sheet)
    beside.replace(path)
    return path


def _properties(plan: Plan | None, benefits: Sequence[Benefit]) -> dict[str, object]:
    """Return title and day of a workbook: no clock, so that the same content is the same file."""
    if plan is not None:
        return {"title": plan.plan_id, "created": _midnight(plan.last_on)}
    days = [one.whole.ends_on for one in benefits if one.whole is not None]
    known = [day for day in days if day is not None] or [one.starts_on for one in benefits]
    return {"created": _midnight(max(known, default=EARLIEST))}


def sheets(plan: Plan | None, services: Mapping[str, str] | None = None) -> Iterator[Sheet]:
    """Yield the sheets of a plan in order; none without a plan."""
    if plan is None:
        return
    yield options.board(plan)
    yield options.every_option(plan, services)
    yield options.packages(plan)
    yield options.effects(plan)
    yield money.cash(plan)
    yield money.assumptions(plan)
    yield money.roadmap(plan)
    yield money.promises(plan)
    yield options.twins(plan)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


class _Writer:
    """Writes sheets into a workbook in one language."""

    def __init__(self, book: Any, language: Language) -> None:  # noqa: ANN401 - xlsxwriter
        self._book, self._language = book, language
        self._title = book.add_format({"bold": True, "font_size": 14})
        self._long = book.add_format(
            {"bold": True, "font_size": 12, "text_wrap": True, "valign": "top"}
        )
        self._heading = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#f4f5f7"}
        )
        self._text = book.add_format({"text_wrap": True, "valign": "top"})
        self._asked = book.add_format(
            {"text_wrap": True, "valign": "top", "bg_color": "#fbf3d9", "locked": False}
        )
        self._numbers = {
            kind: book.add_format({"num_format": form, "valign": "top"})
            for kind, form in FORMATS.items()
        }

    def write(self, sheet: Sheet) -> None:
        page = self._book.add_worksheet(sheet.name.read_in(self._language)[:31])
        page.hide_gridlines(2)
        title = sheet.title.read_in(self._language)
        page.write_string(TITLE_ROW, 0, title, self._title)
        if _breadth(title) > LONG_TITLE:
            page.merge_range(TITLE_ROW, 0, TITLE_ROW, len(sheet.columns) - 1, "", self._long)
            page.write_string(TITLE_ROW, 0, title, self._long)
            page.set_row(TITLE_ROW, LONG_HEIGHT)
        for place, column in enumerate(sheet.columns):
            heading = column.heading.read_in(self._language)
            page.write_string(HEADING_ROW, place, heading, self._heading)
            page.set_column(place, place, self._width(sheet, place, heading))
        for number, row in enumerate(sheet.rows):
            for place, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
                self._cell(page, FIRST_ROW + number, place, column, value)
        self._finish(page, sheet)

    def _finish(self, page: Worksheet, sheet: Sheet) -> None:
        last = HEADING_ROW + len(sheet.rows)
        page.freeze_panes(FIRST_ROW, sheet.frozen)
        if sheet.rows and sheet.is_filtered:
            page.autofilter(HEADING_ROW, 0, last, len(sheet.columns) - 1)
        for place, column in enumerate(sheet.columns):
            if column.kind == "answer" and sheet.rows:
                words = [word.read_in(self._language) for word in options.ANSWERS.values()]
                page.data_validation(
                    FIRST_ROW, place, last, place, {"validate": "list", "source": words}
                )
        for number, note in enumerate(sheet.notes):
            page.write_string(last + 2 + number, 0, note.read_in(self._language))
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.repeat_rows(HEADING_ROW)

    def _cell(self, page: Worksheet, row: int, place: int, column: Column, value: object) -> None:
        if isinstance(value, date):
            page.write_datetime(row, place, _midnight(value), self._numbers["date"])
        elif isinstance(value, int | float):
            kind = column.kind if column.kind in self._numbers else "real"
            page.write_number(row, place, value, self._numbers[kind])
        elif value is None:
            page.write_blank(row, place, None, self._asked if column.is_asked else self._text)
        else:
            words = value.read_in(self._language) if isinstance(value, Text) else str(value)
            page.write_string(row, place, words, self._asked if column.is_asked else self._text)

    def _width(self, sheet: Sheet, place: int, heading: str) -> float:
        """Return a width in characters in which most cells stand on one line or two."""
        column = sheet.columns[place]
        if column.width:
            return column.width
        cells = [
            _breadth(cell.read_in(self._language) if isinstance(cell, Text) else str(cell))
            for row in sheet.rows[:200]
            if isinstance(cell := row[place], str | Text)
        ]
        return min(WIDEST, max([NARROWEST, _breadth(heading) * 0.6, *cells]) + 2)


def _breadth(words: str) -> int:
    """Return the columns that words take: a Chinese character takes two."""
    return sum(2 if ord(letter) >= FIRST_WIDE else 1 for letter in words)
