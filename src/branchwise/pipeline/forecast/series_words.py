"""What the forecast of a file says, in three languages."""

from __future__ import annotations

from branchwise.core.languages import Language, Text

READING = Text(en="Reading", zh_hant="讀取資料", zh_hans="读取数据")
WORKING = Text(
    en="Forecasting, and testing on the past",
    zh_hant="預測並以歷史資料回測",
    zh_hans="预测并以历史数据回测",
)
REPEATS = Text(
    en="{count} rows of the hour that comes twice when clocks are set back were averaged.",
    zh_hant="時鐘撥回而重複的一小時共 {count} 列，已取平均。",
    zh_hans="时钟拨回而重复的一小时共 {count} 行，已取平均。",
)
ENDED = Text(
    en="{count} series ended before the last time in the file; each is forecast from its own next "
    "step, so look whether it goes on at all: {names}.",
    zh_hant="{count} 個序列早於檔案最後時間結束，各自其下一時段起預測，請確認是否仍持續：{names}。",
    zh_hans="{count} 个序列早于文件最后时间结束，各自其下一时段起预测，请确认是否仍持续：{names}。",
)
EMPTY = Text(
    en="{count} series without any value were left out: {names}.",
    zh_hant="{count} 個序列沒有任何數值，已略去：{names}。",
    zh_hans="{count} 个序列没有任何数值，已略去：{names}。",
)
UNTESTED = Text(
    en="{count} series could not be tested on their past; their intervals rest on their own few "
    "values alone and promise no coverage: {names}.",
    zh_hant="{count} 個序列無法以歷史回測；其區間僅依自身少數數值而定，不保證覆蓋率：{names}。",
    zh_hans="{count} 个序列无法以历史回测；其区间仅依自身少数数值而定，不保证覆盖率：{names}。",
)
SMALLER = Text(
    en="{series} series: only the models that learn from all series at once were tried, none that "
    "is fitted series by series.",
    zh_hant="共 {series} 個序列：僅試用一次學習全部序列的模型，未逐一擬合。",
    zh_hans="共 {series} 个序列：仅试用一次学习全部序列的模型，未逐一拟合。",
)
PLAINEST = Text(
    en="{series} series: only plain forecasts (last season, slot means) were tried.",
    zh_hant="共 {series} 個序列：僅試用簡單預測（沿用上一週期、同時段平均）。",
    zh_hans="共 {series} 个序列：仅试用简单预测（沿用上一周期、同时段平均）。",
)
WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "next": "Forecast of {path}: {series} series, {horizon} slots from {since} to {until}",
        "next_columns": "Series|Sum of forecasts|{level} % of single slots from|to|Model|Why",
        "tested": "Back-test: {origins} origins, {horizon} slots ahead, {series} series",
        "tested_columns": "Model|sMAPE|MASE|wMAPE|Coverage|Chosen for",
        "coverage": "{level} %: {found}",
        "more": "{count} more series: --json lists every one, with every slot.",
        "untested": "No back-test: the series are too short.",
        "better": "Chosen models against the last season again: sMAPE {change}.",
        "seasons": "Seasons found, in slots: {seasons}.",
        "no_season": "No season was found.",
        "closed": "Never open, and left out of the time axis: {days}.",
        "days": "Mon|Tue|Wed|Thu|Fri|Sat|Sun",
    },
    "zh-Hant": {
        "next": "{path} 的預測：{series} 個序列，{since} 至 {until} 共 {horizon} 個時段",
        "next_columns": "序列|預測合計|單一時段 {level}% 下限|上限|模型|理由",
        "tested": "回測：{origins} 個起點，前推 {horizon} 個時段，{series} 個序列",
        "tested_columns": "模型|sMAPE|MASE|wMAPE|覆蓋率|採用序列數",
        "coverage": "{level}%：{found}",
        "more": "另有 {count} 個序列：--json 列出全部序列與時段。",
        "untested": "序列太短，未作回測。",
        "better": "所選模型相對於沿用上一週期：sMAPE {change}。",
        "seasons": "找到的週期（時段數）：{seasons}。",
        "no_season": "未找到週期。",
        "closed": "從不開放，已自時間軸略去：{days}。",
        "days": "週一|週二|週三|週四|週五|週六|週日",
    },
    "zh-Hans": {
        "next": "{path} 的预测：{series} 个序列，{since} 至 {until} 共 {horizon} 个时段",
        "next_columns": "序列|预测合计|单一时段 {level}% 下限|上限|模型|理由",
        "tested": "回测：{origins} 个起点，前推 {horizon} 个时段，{series} 个序列",
        "tested_columns": "模型|sMAPE|MASE|wMAPE|覆盖率|采用序列数",
        "coverage": "{level}%：{found}",
        "more": "另有 {count} 个序列：--json 列出全部序列与时段。",
        "untested": "序列太短，未作回测。",
        "better": "所选模型相对于沿用上一周期：sMAPE {change}。",
        "seasons": "找到的周期（时段数）：{seasons}。",
        "no_season": "未找到周期。",
        "closed": "从不开放，已自时间轴略去：{days}。",
        "days": "周一|周二|周三|周四|周五|周六|周日",
    },
}
