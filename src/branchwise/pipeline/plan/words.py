"""What a plan says on the way and in its tables, in three languages."""

from __future__ import annotations

from branchwise.core.languages import Language, Text

READING = Text(en="Reading the twins", zh_hant="讀取模擬網點", zh_hans="读取模拟网点")
TRYING = Text(
    en="Trying options in the twins",
    zh_hant="於模擬網點中試算各項措施",
    zh_hans="于模拟网点中试算各项措施",
)
CONFIRMING = Text(
    en="Trying what was chosen on fresh draws",
    zh_hant="以新抽樣複試入選措施",
    zh_hans="以新抽样复试入选措施",
)
CHOOSING = Text(en="Choosing across the network", zh_hant="全網選定措施", zh_hans="全网选定措施")
UNPROMISED = Text(
    en="Accepted without a promise: {option}. The branch's twin is not believed, so nobody knows "
    "what it brings; it takes budget and capacity from branches of which that is known.",
    zh_hant="已核准但不作承諾：{option}。該網點的模擬不可信，成效未知；其仍佔用預算與實施能力。",
    zh_hans="已核准但不作承诺：{option}。该网点的模拟不可信，成效未知；其仍占用预算与实施能力。",
)
WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "columns": "Branch|Name|What is done|Begins in quarter|Late or lost customers a month|"
        "95 % interval|Once|A year, net",
        "trusted": "Twins: {trusted} of {branches} trusted, {waits} for waits only; nothing is "
        "promised elsewhere.",
        "more": "{count} more branches: see the document.",
        "bound": "Chosen for all branches together; no choice within these limits is worth more "
        "than {gap} above it.",
        "rule": "Every package was tried in the branch's twin against the branch as it is, "
        "on the "
        "same customers; intervals contain what is not known of the branch.",
        "next": "Decide: branchwise plan accept OPTION, plan reject OPTION --why REASON; "
        "ask: branchwise plan why OPTION.",
        "stored": "Plan {plan}: {file}; branchwise report writes it as a page and a workbook.",
        "doubted": "Branches of which nothing is promised, and what would mend it",
        "doubted_columns": "Branch|Twin|Why|What would mend it",
    },
    "zh-Hant": {
        "columns": "網點|名稱|措施|開始季度|每月久候或離開人次變化|95% 區間|一次性投入|年度淨支出",
        "trusted": "模擬網點：{branches} 個中 {trusted} 個可信，{waits} 個僅等候可信；"
        "其餘不作承諾。",
        "more": "另有 {count} 個網點，詳見計劃文件。",
        "bound": "全網統一選定；在此限制下，任何選擇的價值至多再高出 {gap}。",
        "rule": "每組措施均在該網點的模擬中，以同一批客戶與現狀對比試算；"
        "區間已含網點參數的不確定性。",
        "next": "核准：branchwise plan accept 選項；否決：plan reject 選項 --why 理由；"
        "查詢：branchwise plan why 選項。",
        "stored": "計劃 {plan}：{file}；branchwise report 會產出網頁與活頁簿。",
        "doubted": "不作承諾的網點，以及可改善之處",
        "doubted_columns": "網點|模擬|原因|可改善之處",
    },
    "zh-Hans": {
        "columns": "网点|名称|措施|开始季度|每月久候或离开人次变化|95% 区间|一次性投入|年度净支出",
        "trusted": "模拟网点：{branches} 个中 {trusted} 个可信，{waits} 个仅等候可信；"
        "其余不作承诺。",
        "more": "另有 {count} 个网点，详见计划文件。",
        "bound": "全网统一选定；在此限制下，任何选择的价值至多再高出 {gap}。",
        "rule": "每组措施均在该网点的模拟中，以同一批客户与现状对比试算；"
        "区间已含网点参数的不确定性。",
        "next": "核准：branchwise plan accept 选项；否决：plan reject 选项 --why 理由；"
        "查询：branchwise plan why 选项。",
        "stored": "计划 {plan}：{file}；branchwise report 会生成网页与工作簿。",
        "doubted": "不作承诺的网点，以及可改善之处",
        "doubted_columns": "网点|模拟|原因|可改善之处",
    },
}
