"""What `diagnose` says around its findings, in three languages."""

from __future__ import annotations

from branchwise.core.languages import Language, Text

TITLE = Text(en="Comparing branches", zh_hant="比較各網點", zh_hans="比较各网点")
NO_PEERS = Text(
    en="Too few peers, compared with standards and targets only: {branches}",
    zh_hant="可比網點不足，僅與標準及目標比較：{branches}",
    zh_hans="可比网点不足，仅与标准及目标比较：{branches}",
)
WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Findings: {leading} ({all} with those below them) from {tests} comparisons",
        "columns": "#|Severity|Where|Measure|Value|Reference|Visits a month|Money a month|Worst at",
        "rule": "Order: severity; within it the themes take turns; within a turn the sum of the "
        "places by visits touched and by money. At most 5 % of the findings are expected to be "
        "false.",
        "more": "{count} more: branchwise diagnose --top 0 shows all, branchwise report each in "
        "full.",
        "dash": "Money is what the difference to the reference costs or binds a month. –: none is "
        "touched, no price is set or no honest one exists, or no half-hour stands out.",
        "high": "high",
        "medium": "medium",
        "low": "low",
        "days": "Mon|Tue|Wed|Thu|Fri|Sat|Sun",
    },
    "zh-Hant": {
        "title": "{tests} 項比較，得 {leading} 項發現（連同歸屬項共 {all} 項）",
        "columns": "序|嚴重度|網點|指標|數值|參照值|每月人次|每月金額|最嚴重時段",
        "rule": "排序：先看嚴重度；同級由各主題輪流列出；同輪看人次名次與金額名次之和。"
        "預期誤報不超過 5%。",
        "more": "另有 {count} 項：branchwise diagnose --top 0 列出全部，"
        "branchwise report 詳列各項。",
        "dash": "金額為與參照值之差每月所耗或所佔用者。"
        "–：未涉及、未設定單價、無可信算法，或無突出時段。",
        "high": "高",
        "medium": "中",
        "low": "低",
        "days": "週一|週二|週三|週四|週五|週六|週日",
    },
    "zh-Hans": {
        "title": "{tests} 项比较，得 {leading} 项发现（连同归属项共 {all} 项）",
        "columns": "序|严重度|网点|指标|数值|参照值|每月人次|每月金额|最严重时段",
        "rule": "排序：先看严重度；同级由各主题轮流列出；同轮看人次名次与金额名次之和。"
        "预期误报不超过 5%。",
        "more": "另有 {count} 项：branchwise diagnose --top 0 列出全部，"
        "branchwise report 详列各项。",
        "dash": "金额为与参照值之差每月所耗或所占用者。"
        "–：未涉及、未设定单价、无可信算法，或无突出时段。",
        "high": "高",
        "medium": "中",
        "low": "低",
        "days": "周一|周二|周三|周四|周五|周六|周日",
    },
}
