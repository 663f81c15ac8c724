"""Blank bilingual workbooks of the canonical tables, for people to fill in.

The first sheet has the labels (row 1), the column names (row 2: ``header = 2`` in a mapping) and
validation of what is typed; the second explains every column. Nothing in a workbook is a formula.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from branchwise.core.errors import Where, failure
from branchwise.core.languages import Language, Text
from branchwise.core.units import unit
from branchwise.tables.spec import Column, TableSpec

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

FIRST_ROW, LAST_ROW = 2, 10_001
WIDTH = 18
LIST_CHARACTERS = 255
TITLE_CHARACTERS, MESSAGE_CHARACTERS = 32, 255
FORBIDDEN_IN_SHEET_NAMES = 31

TYPE_NAMES = {
    "text": Text(en="text", zh_hant="文字", zh_hans="文本"),
    "integer": Text(en="whole number", zh_hant="整數", zh_hans="整数"),
    "real": Text(en="number", zh_hant="數值", zh_hans="数值"),
    "boolean": Text(
        en="true or false", zh_hant="是／否（true／false）", zh_hans="是／否（true／false）"
    ),
    "date": Text(en="date 2026-03-10", zh_hant="日期 2026-03-10", zh_hans="日期 2026-03-10"),
    "instant": Text(
        en="date and time 2026-03-10 09:02:11",
        zh_hant="日期時間 2026-03-10 09:02:11",
        zh_hans="日期时间 2026-03-10 09:02:11",
    ),
}
HEADINGS = (
    Text(en="Column", zh_hant="欄位", zh_hans="字段"),
    Text(en="English label", zh_hant="英文名稱", zh_hans="英文名称"),
    Text(en="Chinese label", zh_hant="中文名稱", zh_hans="中文名称"),
    Text(en="Type", zh_hant="型態", zh_hans="类型"),
    Text(en="Unit", zh_hant="單位", zh_hans="单位"),
    Text(en="Required", zh_hant="必填", zh_hans="必填"),
    Text(en="Allowed", zh_hant="允許值", zh_hans="允许值"),
    Text(en="Refers to", zh_hant="參照", zh_hans="引用"),
    Text(en="Personal data", zh_hant="個資等級", zh_hans="个人信息级别"),
    Text(en="Meaning", zh_hant="說明", zh_hans="说明"),
)
YES = Text(en="yes", zh_hant="是", zh_hans="是")
IN_ITS_PLACE = Text(en="if left empty: {fill}", zh_hant="留空時：{fill}", zh_hans="留空时：{fill}")
KEY = Text(en="Key: {key}", zh_hant="主鍵：{key}", zh_hans="主键：{key}")
HOW = Text(
    en="Fill in the first sheet from row 3. In the mapping, its header is row 2: header = 2.",
    zh_hant="請自首張工作表第 3 列起填寫。對應檔中標題列為第 2 列：header = 2。",
    zh_hans="请自首张工作表第 3 行起填写。对应文件中标题行为第 2 行：header = 2。",
)
EXPLAINED = Text(en="Columns", zh_hant="欄位說明", zh_hans="字段说明")


def write_template(spec: TableSpec, path: Path, language: Language = "zh-Hant") -> int:
    """Write the blank workbook of a table, in English and Chinese.

    Parameters
    ----------
    spec : TableSpec
        The table.
    path : Path
        File to write; an existing one is refused, for it may be filled in.
    language : {"en", "zh-Hant", "zh-Hans"}
        Decides between traditional and simplified Chinese (English: traditional).

    Returns
    -------
    int
        Number of columns to fill in.

    Raises
    ------
    BranchwiseError
        [BW-TAB-021] if the file exists, [BW-TAB-022] if it cannot be written.
    """
    import xlsxwriter

    chinese: Language = "zh-Hans" if language == "zh-Hans" else "zh-Hant"
    if path.exists():
        raise failure("BW-TAB-021", Where(place=str(path)), path=path)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(path), options)
    _write_sheet(book, spec, chinese)
    _write_explanation(book, spec, chinese)
    try:
        book.close()
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        path.unlink(missing_ok=True)
        raise failure("BW-TAB-022", Where(place=str(path)), path=path) from error
    return len(spec.given_columns)


def _write_sheet(book: Any, spec: TableSpec, chinese: Language) -> None:  # noqa: ANN401
    sheet = book.add_worksheet(spec.name[:FORBIDDEN_IN_SHEET_NAMES])
    styles = {
        True: book.add_format({"bold": True, "bg_color": "#1F4E5F", "font_color": "#FFFFFF"}),
        False: book.add_format({"bold": True, "bg_color": "#D9E5EA"}),
    }
    label_style = book.add_format({"italic": True, "font_color": "#444444", "text_wrap": True})
    text_style = book.add_format({"num_format": "@"})
    sheet.freeze_panes(FIRST_ROW, len(spec.key))
    for place, column in enumerate(spec.given_columns):
        sheet.set_column(place, place, WIDTH, text_style if column.type == "text" else None)
        sheet.write_string(1, place, column.name, styles[_must_be_given(column)])
        label = f"{column.label.en} · {column.label.read_in(chinese)}"
        sheet.write_string(0, place, label, label_style)
        sheet.write_comment(1, place, _comment(column, chinese), {"x_scale": 2, "y_scale": 1.5})
        _validate(sheet, place, column, chinese)


def _write_explanation(book: Any, spec: TableSpec, chinese: Language) -> None:  # noqa: ANN401
    sheet = book.add_worksheet(f"{EXPLAINED.en} {EXPLAINED.read_in(chinese)}")
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
    title = f"{spec.name} · {spec.label.en} · {spec.label.read_in(chinese)}"
    key = KEY.filled(key=", ".join(spec.key))
    lines = (title, spec.grain, f"{key.en} · {key.read_in(chinese)}", HOW.en, HOW.read_in(chinese))
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, line, bold if row == 0 else None)
    head = len(lines) + 1
    for place, heading in enumerate(HEADINGS):
        sheet.write_string(head, place, f"{heading.en}\n{heading.read_in(chinese)}", wrapped)
        sheet.set_column(place, place, WIDTH if place < len(HEADINGS) - 1 else 4 * WIDTH)
    for row, column in enumerate(spec.given_columns, start=head + 1):
        for place, words in enumerate(_explained(column, chinese)):
            sheet.write_string(row, place, words, wrapped)


def _explained(column: Column, chinese: Language) -> tuple[str, ...]:
    kind = TYPE_NAMES[column.type]
    return (
        column.name,
        column.label.en,
        column.label.read_in(chinese),
        f"{kind.en} · {kind.read_in(chinese)}",
        _unit(column, chinese),
        f"{YES.en} · {YES.read_in(chinese)}" if _must_be_given(column) else "",
        _allowed(column),
        f"{column.reference.table}.{column.reference.column}" if column.reference else "",
        "" if column.privacy == "none" else column.privacy,
        " ".join(filter(None, (column.meaning, _filled(column, chinese)))),
    )


def _comment(column: Column, chinese: Language) -> str:
    kind = TYPE_NAMES[column.type]
    required = f"{YES.en} · {YES.read_in(chinese)}" if _must_be_given(column) else "–"
    parts = (
        f"{column.label.en} · {column.label.read_in(chinese)}",
        f"{HEADINGS[3].en} · {HEADINGS[3].read_in(chinese)}: {kind.en} · {kind.read_in(chinese)}",
        f"{HEADINGS[4].en} · {HEADINGS[4].read_in(chinese)}: {_unit(column, chinese)}"
        if column.unit
        else "",
        f"{HEADINGS[5].en} · {HEADINGS[5].read_in(chinese)}: {required}",
        _filled(column, chinese),
        column.meaning,
    )
    return "\n".join(filter(None, parts))


def _validate(sheet: Worksheet, place: int, column: Column, chinese: Language) -> None:
    rule = _rule(column)
    if rule is None:
        return
    prompt = f"{column.label.en} · {column.label.read_in(chinese)}"
    sheet.data_validation(
        FIRST_ROW,
        place,
        LAST_ROW,
        place,
        {
            **rule,
            "ignore_blank": True,
            "input_title": column.name[:TITLE_CHARACTERS],
            "input_message": prompt[:MESSAGE_CHARACTERS],
            "error_title": column.name[:TITLE_CHARACTERS],
            "error_message": f"{prompt}: {_allowed(column)}"[:MESSAGE_CHARACTERS],
        },
    )


def _rule(column: Column) -> dict[str, Any] | None:
    values = ["true", "false"] if column.type == "boolean" else list(column.values)
    if values and len(",".join(values)) <= LIST_CHARACTERS:
        return {"validate": "list", "source": values}
    if column.type not in ("integer", "real"):
        return None
    kind = "integer" if column.type == "integer" else "decimal"
    lowest, highest = column.minimum, column.maximum
    if lowest is not None and highest is not None:
        return {"validate": kind, "criteria": "between", "minimum": lowest, "maximum": highest}
    if lowest is not None:
        return {"validate": kind, "criteria": ">=", "value": lowest}
    if highest is not None:
        return {"validate": kind, "criteria": "<=", "value": highest}
    return None


def _must_be_given(column: Column) -> bool:
    return column.required and column.fill is None and column.fill_from is None


def _allowed(column: Column) -> str:
    if column.values:
        return ", ".join(column.values)
    if column.minimum is None and column.maximum is None:
        return ""
    lowest = "" if column.minimum is None else f"{column.minimum:g}"
    highest = "" if column.maximum is None else f"{column.maximum:g}"
    return f"{lowest} … {highest}".strip()


def _unit(column: Column, chinese: Language) -> str:
    if column.unit is None:
        return ""
    known = unit(column.unit)
    return f"{known.name.en} · {known.name.read_in(chinese)}"


def _filled(column: Column, chinese: Language) -> str:
    if column.fill is None:
        return ""
    words = IN_ITS_PLACE.filled(fill=column.fill)
    return f"({words.en} · {words.read_in(chinese)})"
