"""What the bank's forecasts say to people, in three languages."""

from __future__ import annotations

from branchwise.core.languages import Language, Text
from branchwise.pipeline.forecast.asked import Grain, Name

READING = Text(en="Reading what came", zh_hant="讀取歷史量", zh_hans="读取历史量")
FORECASTING = Text(
    en="Forecasting {count} series and testing them on the past",
    zh_hant="預測 {count} 條序列並以歷史回測",
    zh_hans="预测 {count} 条序列并以历史回测",
)
STORING = Text(en="Storing the forecast", zh_hant="儲存預測", zh_hans="保存预测")
MISSING = Text(
    en="{count} branch-days without data on which the branch was open: taken as missing, not as "
    "nobody came.",
    zh_hant="有 {count} 個網點日應營業而無資料：視為缺漏，並非無人到訪。",
    zh_hans="有 {count} 个网点日应营业而无数据：视为缺漏，并非无人到访。",
)
BORROWED = Text(
    en="{branch} has {days} open days of its own and borrows the shape of {lenders}, at "
    "{factor:.2f} times their level.",
    zh_hant="{branch} 自身僅有 {days} 個營業日，借用 {lenders} 的走勢，水準為其 {factor:.2f} 倍。",
    zh_hans="{branch} 自身仅有 {days} 个营业日，借用 {lenders} 的走势，水平为其 {factor:.2f} 倍。",
)
RESUMED = Text(
    en="{branch} was shut for weeks and has {days} open days since: its own earlier days are used, "
    "at {factor:.2f} times their level.",
    zh_hant="{branch} 曾停業數週，復業後有 {days} 個營業日："
    "沿用其先前走勢，水準為 {factor:.2f} 倍。",
    zh_hans="{branch} 曾停业数周，复业后有 {days} 个营业日："
    "沿用其先前走势，水平为 {factor:.2f} 倍。",
)
CLOSED = Text(
    en="Closed for good and left out: {branches}",
    zh_hant="已停業，未予預測：{branches}",
    zh_hans="已停业，未予预测：{branches}",
)
UNOFFICIAL = Text(
    en="The exchanges of days (調休) of {year} are not announced yet; holidays are foreseen by "
    "rule only.",
    zh_hant="{year} 年調休安排尚未公布，節假日僅依規則推定。",
    zh_hans="{year} 年调休安排尚未公布，节假日仅依规则推定。",
)

NAMES: dict[Name, Text] = {
    "visits": Text(en="Visits", zh_hant="到訪量", zh_hans="到访量"),
    "transactions": Text(en="Transactions", zh_hant="交易筆數", zh_hans="交易笔数"),
    "cash": Text(en="Cash paid in and out", zh_hant="現金收付金額", zh_hans="现金收付金额"),
    "workload": Text(en="Work for the staff", zh_hant="人員工作量", zh_hans="人员工作量"),
}
GRAINS: dict[Grain, Text] = {
    "quarter_hour": Text(en="by quarter-hour", zh_hant="按刻鐘", zh_hans="按刻钟"),
    "hour": Text(en="by hour", zh_hant="按小時", zh_hans="按小时"),
    "day": Text(en="by day", zh_hant="按日", zh_hans="按日"),
    "week": Text(en="by week", zh_hant="按週", zh_hans="按周"),
    "month": Text(en="by month", zh_hant="按月", zh_hans="按月"),
}
WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "{measure} {grain}: {series}, from {today}; data up to {last} "
        "(snapshot {snapshot})",
        "coming_columns": "Time|Expected|{level} interval|Seasonal naive",
        "series_title": "{count} series that add up, back-tested from {origins} past days, each "
        "{horizon} slots ahead",
        "series_columns": "Series|Expected in all|Model|Why|Error (wMAPE)|Seasonal naive|Better by",
        "scores_title": "Earlier forecasts against what has come since",
        "scores_columns": "Sums of|Slots|Error (wMAPE)|Seasonal naive|Value added|Coverage",
        "bank": "the whole bank",
        "more": "{count} more rows: --json shows all.",
        "moved": "Making the series add up moved them by {share} at most.",
        "appointments": "Booked appointments are not added: no table holds them yet.",
        "none": "No test: the series are too short.",
    },
    "zh-Hant": {
        "title": "{measure}{grain}：{series}，自 {today} 起；資料截至 {last}（快照 {snapshot}）",
        "coming_columns": "時間|預測值|{level} 區間|季節性樸素預測",
        "series_title": "共 {count} 條相加一致的序列，自過去 {origins} 個起點回測，"
        "各向前 {horizon} 個時段",
        "series_columns": "序列|合計預測|模型|理由|誤差（wMAPE）|季節性樸素預測|改善",
        "scores_title": "先前預測與實際對照",
        "scores_columns": "層級|時段數|誤差（wMAPE）|季節性樸素預測|預測附加值|覆蓋率",
        "bank": "全行",
        "more": "另有 {count} 列，--json 可見全部。",
        "moved": "為使各序列相加一致，調整幅度至多 {share}。",
        "appointments": "未計入預約：尚無資料表存放預約。",
        "none": "序列過短，無法回測。",
    },
    "zh-Hans": {
        "title": "{measure}{grain}：{series}，自 {today} 起；数据截至 {last}（快照 {snapshot}）",
        "coming_columns": "时间|预测值|{level} 区间|季节性朴素预测",
        "series_title": "共 {count} 条相加一致的序列，自过去 {origins} 个起点回测，"
        "各向前 {horizon} 个时段",
        "series_columns": "序列|合计预测|模型|理由|误差（wMAPE）|季节性朴素预测|改善",
        "scores_title": "先前预测与实际对照",
        "scores_columns": "层级|时段数|误差（wMAPE）|季节性朴素预测|预测附加值|覆盖率",
        "bank": "全行",
        "more": "另有 {count} 行，--json 可见全部。",
        "moved": "为使各序列相加一致，调整幅度至多 {share}。",
        "appointments": "未计入预约：尚无数据表存放预约。",
        "none": "序列过短，无法回测。",
    },
}
