"""What `optimise devices` says, in three languages."""

from __future__ import annotations

from collections.abc import Mapping

from branchwise.core.languages import Language, Text

SEARCHING = Text(en="Trying mixes", zh_hant="試算配置", zh_hans="试算配置")
CONFIRMING = Text(
    en="Trying what is proposed on other days",
    zh_hant="以另外的日子複核建議",
    zh_hans="以另外的日子复核建议",
)
NOT_DECIDED = Text(
    en="Branch {branch}: nothing is proposed, for its twin may not be quoted ({verdict}). {reason} "
    "{remedy}",
    zh_hant="網點 {branch}：模擬不得引用（{verdict}），故不作建議。{reason}{remedy}",
    zh_hans="网点 {branch}：模拟不得引用（{verdict}），故不作建议。{reason}{remedy}",
)
NOT_REACHED = Text(
    en="Branch {branch}: after {runs} runs the best mix is told from the rest with a "
    "probability of {probability} only. More --runs or a larger --indifference would tell more.",
    zh_hant="網點 {branch}：模擬 {runs} 次後，選對最佳配置的機率僅 {probability}。"
    "加大 --runs 或 --indifference 可更確定。",
    zh_hans="网点 {branch}：模拟 {runs} 次后，选对最佳配置的概率仅 {probability}。"
    "加大 --runs 或 --indifference 可更确定。",
)
STOPPED = Text(
    en="Branch {branch}: the search was stopped by --time-limit; this is the best so far.",
    zh_hant="網點 {branch}：求解因 --time-limit 提前結束，以下為目前最佳。",
    zh_hans="网点 {branch}：求解因 --time-limit 提前结束，以下为目前最佳。",
)
OVER_LIMITS = Text(
    en="Branch {branch}: what is there today is beyond the limits of floor or power.",
    zh_hant="網點 {branch}：現況已超出面積或功率上限。",
    zh_hans="网点 {branch}：现况已超出面积或功率上限。",
)
ELDERLY = Text(
    en="Branch {branch}: {more} more customers of 60 and over a month would wait too long "
    "or leave.",
    zh_hant="網點 {branch}：每月將多 {more} 位 60 歲以上客戶等候過久或離開。",
    zh_hans="网点 {branch}：每月将多 {more} 位 60 岁以上客户等候过久或离开。",
)
LEFT = Text(
    en="Branch {branch}: left as they are, for they are only on call, there is no room for "
    "another, or their mixes would be too many to tell apart: {names}.",
    zh_hant="網點 {branch}：因僅隨叫隨開、無空位，或配置過多難以區分，維持現況：{names}。",
    zh_hans="网点 {branch}：因仅随叫随开、无空位，或配置过多难以区分，维持现况：{names}。",
)
CERTAIN = Text(
    en="Branch {branch}: its calibration holds no estimates to draw parameters from, so they are "
    "taken for certain and intervals are too narrow. Calibrate again.",
    zh_hant="網點 {branch}：校準未存參數估計，故視參數為確定，區間偏窄；請重新校準。",
    zh_hans="网点 {branch}：校准未存参数估计，故视参数为确定，区间偏窄；请重新校准。",
)
ASSUMED_PRICE = Text(
    en="No model in use says what a machine of kind {kind} costs; the price is that of the "
    "assumptions ({price}, {origin}).",
    zh_hant="在用型號均無 {kind} 價格，改用假設值（{price}，{origin}）。",
    zh_hans="在用型号均无 {kind} 价格，改用假设值（{price}，{origin}）。",
)
ORIGIN: Mapping[str, Text] = {
    "default": Text(en="a default", zh_hant="預設值", zh_hans="默认值"),
    "yours": Text(en="yours", zh_hant="本行設定", zh_hans="本行设定"),
}
KINDS: Mapping[str, Text] = {
    "machine": Text(en="machines", zh_hant="機具", zh_hans="机具"),
    "window": Text(en="windows", zh_hant="窗口", zh_hans="窗口"),
    "guide": Text(en="guides", zh_hant="引導員", zh_hans="引导员"),
}
WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "title": "Machines, windows and guides: {branches} branches, {changed} with a change",
        "columns": "Branch|What|Kind|Today|Proposed|Difference|Moved in|Right choice",
        "effects": "What the changes bring a month (late or lost: waited beyond the standard, or "
        "left)",
        "effect_columns": "Branch|Late or lost today|Proposed|Difference|95 % interval|Elderly, "
        "difference|95 % interval|Capital|Running cost a year",
        "network": "Together: capital {capital} (budget {budget}), running cost and worth a year "
        "{objective}; no allocation can be below {bound} (gap {gap}).",
        "objective": "Best is the lowest yearly cost of machines and people plus {worth} for each "
        "customer who is late or lost; that worth is a weight, not cash. Today's mix stays where "
        "it is surely within the indifference zone ({indifference} a year) of the best. Mixes at "
        "which {worse} of all customers more than today are late or lost are left out.",
        "probability": "Right choice: probability that no mix that takes no more capital is better "
        "by more than the indifference zone; a lower bound, from the same runs.",
        "interval": "Effects: {draws} draws of the parameters on days that no search has used; the "
        "interval is the spread of the draws.",
        "sunk": "A machine that is there is paid for: taking it away saves its upkeep, and its "
        "price only if another branch takes it.",
        "none": "none",
    },
    "zh-Hant": {
        "title": "機具、窗口與引導員配置：{branches} 個網點，{changed} 個有變動",
        "columns": "網點|項目|類別|現況|建議|增減|調入|選對機率",
        "effects": "變動的每月成效（逾時或流失：等候逾標準，或離開）",
        "effect_columns": "網點|現況逾時或流失|建議|增減|95% 區間|長者增減|95% 區間|"
        "資本支出|年運營成本",
        "network": "合計：資本支出 {capital}（預算 {budget}），年成本與權重合計 {objective}；"
        "任何分配不低於 {bound}（差距 {gap}）。",
        "objective": "最佳＝機具與人員年成本，加上每位逾時或流失客戶 {worth}；該值為權重，非現金。"
        "現況若確定與最佳相差不逾無差異範圍（每年 {indifference}），即維持現況。"
        "逾時或流失者較現況多出全部客戶 {worse} 以上的配置不列入。",
        "probability": "選對機率：資本支出不高於此的配置中，無一優於此超過無差異範圍的機率；"
        "為同批模擬所得下限。",
        "interval": "成效取自求解未用過的日子，參數抽樣 {draws} 組；區間為各組離散程度。",
        "sunk": "既有機具已付款：撤除只省維護費，僅在其他網點接收時方省購價。",
        "none": "不限",
    },
    "zh-Hans": {
        "title": "机具、窗口与引导员配置：{branches} 个网点，{changed} 个有变动",
        "columns": "网点|项目|类别|现况|建议|增减|调入|选对概率",
        "effects": "变动的每月成效（逾时或流失：等候逾标准，或离开）",
        "effect_columns": "网点|现况逾时或流失|建议|增减|95% 区间|长者增减|95% 区间|"
        "资本支出|年运营成本",
        "network": "合计：资本支出 {capital}（预算 {budget}），年成本与权重合计 {objective}；"
        "任何分配不低于 {bound}（差距 {gap}）。",
        "objective": "最佳＝机具与人员年成本，加上每位逾时或流失客户 {worth}；该值为权重，非现金。"
        "现况若确定与最佳相差不逾无差异范围（每年 {indifference}），即维持现况。"
        "逾时或流失者较现况多出全部客户 {worse} 以上的配置不列入。",
        "probability": "选对概率：资本支出不高于此的配置中，无一优于此超过无差异范围的概率；"
        "为同批模拟所得下限。",
        "interval": "成效取自求解未用过的日子，参数抽样 {draws} 组；区间为各组离散程度。",
        "sunk": "既有机具已付款：撤除只省维护费，仅在其他网点接收时方省购价。",
        "none": "不限",
    },
}
