"""The table of scheduled sources, and its words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from branchwise.core.languages import Language, Text
from branchwise.core.tabulation import Tabulation
from branchwise.core.units import quantity
from branchwise.pipeline.schedule_runs import Punctuality

STATES = {
    "on_time": Text(en="on time", zh_hant="準時", zh_hans="准时"),
    "late": Text(en="late", zh_hant="延遲", zh_hans="延迟"),
    "failed": Text(en="failed", zh_hant="失敗", zh_hans="失败"),
    "in_part": Text(en="in part", zh_hant="部分", zh_hans="部分"),
    "few_rows": Text(en="few rows", zh_hant="資料偏少", zh_hans="数据偏少"),
    "never": Text(en="not loaded yet", zh_hant="尚未載入", zh_hans="尚未加载"),
    "waiting": Text(en="not due yet", zh_hant="未到時間", zh_hans="未到时间"),
}
TITLE = Text(en="Scheduled loads", zh_hant="排程載入", zh_hans="定时加载")
HEADINGS = (
    Text(en="Source", zh_hant="數據源", zh_hans="数据源"),
    Text(en="State", zh_hant="狀態", zh_hans="状态"),
    Text(en="Last due", zh_hant="最近應載入", zh_hans="最近应加载"),
    Text(en="Last loaded", zh_hant="最近成功", zh_hans="最近成功"),
    Text(en="Late by", zh_hant="延遲", zh_hans="延迟"),
    Text(en="New rows", zh_hant="新增列", zh_hans="新增行"),
    Text(en="Usual", zh_hant="平常", zh_hans="平常"),
    Text(en="Share", zh_hant="比例", zh_hans="比例"),
    Text(en="Reason", zh_hant="原因", zh_hans="原因"),
)
NOTE = Text(
    en="New rows: new and changed ones of the last load. Usual: as the schedule says, else the "
    "median of up to 20 loads before.",
    zh_hant="新增列：最近一次載入中新增與變更者。平常：依排程設定，否則為之前至多 20 次的中位數。",
    zh_hans="新增行：最近一次加载中新增与变更者。平常：按计划设置，否则为之前至多 20 次的中位数。",
)


def punctuality_table(scheduled: Sequence[Punctuality], language: Language) -> Tabulation:
    """Return how scheduled sources stand, as a table for people."""
    return Tabulation(
        title=TITLE.read_in(language),
        columns=tuple(heading.read_in(language) for heading in HEADINGS),
        rows=tuple(
            (
                one.name,
                STATES[one.state].read_in(language),
                _written(one.due_at),
                _written(one.last_success_at),
                None if one.late_minutes is None else _minutes(one.late_minutes, language),
                one.count_new,
                None if one.usual_rows is None else f"{one.usual_rows:,.0f}",
                None if one.completeness is None else f"{one.completeness:.0%}",
                ", ".join(one.codes),
            )
            for one in scheduled
        ),
        notes=(NOTE.read_in(language),),
    )


def _minutes(minutes: float, language: Language) -> str:
    return quantity(round(minutes), "min", language)


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.strftime("%Y-%m-%d %H:%M")
