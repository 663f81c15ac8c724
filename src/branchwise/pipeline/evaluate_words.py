"""What `evaluate` says around its figures, in three languages."""

from __future__ import annotations

from branchwise.core.languages import Language, Text

TITLE = Text(en="Measuring actions", zh_hant="量測各項行動", zh_hans="度量各项行动")
AFTERWARDS = Text(
    en="No comparison branches were fixed before the start; they were chosen now, from the days "
    "before it: {actions}",
    zh_hant="啟動前未指定對照網點，現依啟動前資料選定：{actions}",
    zh_hans="启动前未指定对照网点，现依启动前数据选定：{actions}",
)
UNMEASURED = Text(
    en="Not measured by branch and day, so nothing can be shown of it: {measures}",
    zh_hant="無法按網點與日量測，故無從驗證：{measures}",
    zh_hans="无法按网点与日度量，故无从验证：{measures}",
)
WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Promised and measured: {count} action{plural}, {kept} kept",
        "columns": "Branch|Action|Since|Measure|Promised|Measured|Guard-rail|Days|Compared with"
        "|Verdict",
        "months": "Month by month",
        "month_columns": "Branch|Action|Month|Measure|Promised|Measured|Days|Compared with",
        "interval": "{value} ({lower} to {upper})",
        "branches": "{count} branches",
        "rule": "Measured: the branch's change after the start, less that of the comparison "
        "branches over the same days, weekday by weekday; in brackets the 95 % interval. Options "
        "that a branch carries out together are measured together.",
        "verdicts": "Not shown: the interval still holds no change and the promise. Too early: "
        "fewer open days than the design asks for.",
        "kept": "kept",
        "not_kept": "not kept",
        "not_shown": "not shown",
        "too_early": "too early",
        "guard_rail_broken": "guard-rail broken",
        "not_measurable": "cannot be measured",
    },
    "zh-Hant": {
        "title": "承諾與實測：{count} 項行動，{kept} 項兌現",
        "columns": "網點|行動|生效日|指標|承諾|實測|護欄指標|日數|對照|結論",
        "months": "逐月成效",
        "month_columns": "網點|行動|月份|指標|承諾|實測|日數|對照",
        "interval": "{value}（{lower} 至 {upper}）",
        "branches": "{count} 個網點",
        "rule": "實測：該網點實施後的變化，減去對照網點同日（逐星期配對）的變化；"
        "括號內為 95% 區間。同一網點一併實施的措施合併量測。",
        "verdicts": "未能證實：區間同時包含零變化與承諾值。為時尚早：營業日數未達設計要求。",
        "kept": "已兌現",
        "not_kept": "未兌現",
        "not_shown": "未能證實",
        "too_early": "為時尚早",
        "guard_rail_broken": "突破護欄",
        "not_measurable": "無法量測",
    },
    "zh-Hans": {
        "title": "承诺与实测：{count} 项行动，{kept} 项兑现",
        "columns": "网点|行动|生效日|指标|承诺|实测|护栏指标|日数|对照|结论",
        "months": "逐月成效",
        "month_columns": "网点|行动|月份|指标|承诺|实测|日数|对照",
        "interval": "{value}（{lower} 至 {upper}）",
        "branches": "{count} 个网点",
        "rule": "实测：该网点实施后的变化，减去对照网点同日（逐星期配对）的变化；"
        "括号内为 95% 区间。同一网点一并实施的措施合并度量。",
        "verdicts": "未能证实：区间同时包含零变化与承诺值。为时尚早：营业日数未达设计要求。",
        "kept": "已兑现",
        "not_kept": "未兑现",
        "not_shown": "未能证实",
        "too_early": "为时尚早",
        "guard_rail_broken": "突破护栏",
        "not_measurable": "无法度量",
    },
}
