"""Codes of a delivery that no code list of its mapping gives a meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from branchwise.core.languages import Language, Text
from branchwise.core.ports import Engine
from branchwise.core.tabulation import Tabulation
from branchwise.sources.guess.masks import shown_code
from branchwise.sources.model import SourceTable

SHOWN = 20
TITLE = Text(
    en="Codes in no code list: {count}. Give them a meaning in the mapping, and load again",
    zh_hant="不在代碼表內的代碼：{count} 個。請在對應檔或代碼表補上含義後重新載入",
    zh_hans="不在代码表内的代码：{count} 个。请在映射文件或代码表补上含义后重新加载",
)
HEADINGS = (
    Text(en="Code list", zh_hant="代碼表", zh_hans="代码表"),
    Text(en="Code", zh_hant="代碼", zh_hans="代码"),
    Text(en="Rows", zh_hant="行數", zh_hans="行数"),
    Text(en="First branch", zh_hant="首個網點", zh_hans="首个网点"),
    Text(en="Used for", zh_hant="用於", zh_hans="用于"),
)
MORE = Text(
    en="{count} more are in the JSON.",
    zh_hant="另有 {count} 個見 JSON。",
    zh_hans="另有 {count} 个见 JSON。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownCode:
    """A code that no list explains.

    Attributes
    ----------
    list_name, code : str
        The code list that was asked, and the code (long numbers only by their form).
    count_rows : int
        Rows of the delivery that have it.
    branch_id : str or None
        The first branch, in order of its code, that has it.
    columns : tuple of str
        The columns that the list fills.
    """

    list_name: str
    code: str
    count_rows: int
    branch_id: str | None
    columns: tuple[str, ...]


def unknown_codes(engine: Engine, tables: Sequence[SourceTable]) -> tuple[UnknownCode, ...]:
    """Return the codes of a delivery that no list explains, the commonest of each list first."""
    found: dict[tuple[str, str], UnknownCode] = {}
    for given in tables:
        if not given.unlisted:
            continue
        for row in engine.table(given.unlisted).to_pylist():
            key = row["list"], row["code"]
            column = f"{given.table}.{row['column_name']}"
            before = found.get(key)
            branches = [row["branch_id"], before.branch_id if before else None]
            found[key] = UnknownCode(
                list_name=row["list"],
                code=shown_code(row["code"]),
                count_rows=max(row["count_rows"], before.count_rows if before else 0),
                branch_id=min((branch for branch in branches if branch), default=None),
                columns=tuple(dict.fromkeys((*(before.columns if before else ()), column))),
            )
    return tuple(sorted(found.values(), key=lambda one: (one.list_name, -one.count_rows, one.code)))


def codes_table(codes: Sequence[UnknownCode], language: Language) -> list[Tabulation]:
    """Return the table of unknown codes for people; none where every code is known."""
    if not codes:
        return []
    left = len(codes) - SHOWN
    shown = Tabulation(
        title=TITLE.filled(count=len(codes)).read_in(language),
        columns=tuple(heading.read_in(language) for heading in HEADINGS),
        rows=tuple(
            (one.list_name, one.code, one.count_rows, one.branch_id, ", ".join(one.columns))
            for one in codes[:SHOWN]
        ),
        notes=(MORE.filled(count=left).read_in(language),) if left > 0 else (),
    )
    return [shown]
