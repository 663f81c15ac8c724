"""What the card before opening says, in three languages."""

from __future__ import annotations

from branchwise.core.languages import Text

TITLE = Text(en="Before opening", zh_hant="開門前", zh_hans="开门前")
EXPECTED = Text(
    en="{visits} visits are expected; {lower} to {upper} with a probability of {level}.",
    zh_hant="預計到訪 {visits} 筆；有 {level} 機率介於 {lower} 與 {upper} 之間。",
    zh_hans="预计到访 {visits} 笔；有 {level} 概率介于 {lower} 与 {upper} 之间。",
)
EXPECTED_ALONE = Text(
    en="{visits} visits are expected.",
    zh_hant="預計到訪 {visits} 筆。",
    zh_hans="预计到访 {visits} 笔。",
)
SOURCE = Text(
    en="Forecast by {model} from data up to {last}.",
    zh_hant="以「{model}」預測，資料截至 {last}。",
    zh_hans="以“{model}”预测，数据截至 {last}。",
)
USUAL_SHAPE = Text(
    en="The half-hours are those of an average open day, scaled to the forecast; branchwise "
    "forecast --grain quarter_hour gives this day's own.",
    zh_hant="半小時分布取自平均營業日並依預測調整；branchwise forecast --grain quarter_hour "
    "可得當日分布。",
    zh_hans="半小时分布取自平均营业日并依预测调整；branchwise forecast --grain quarter_hour "
    "可得当日分布。",
)
HALF_HOUR = Text(en="Half-hour", zh_hant="半小時", zh_hans="半小时")
VISITS = Text(en="Visits expected", zh_hant="預計到訪（筆）", zh_hans="预计到访（笔）")
STRIP = Text(
    en="Visits expected by half-hour, at most {most} from {at}",
    zh_hant="各半小時預計到訪，最多為 {at} 起 {most} 筆",
    zh_hans="各半小时预计到访，最多为 {at} 起 {most} 笔",
)
DAY = Text(en="Day", zh_hant="當日", zh_hans="当日")
ABSENT = Text(en="Absent", zh_hant="缺勤", zh_hans="缺勤")
ABSENT_OF = Text(
    en="{count} of {planned} on the roster",
    zh_hant="排班 {planned} 人，其中 {count} 人不在崗",
    zh_hans="排班 {planned} 人，其中 {count} 人不在岗",
)
SICK = Text(en="Devices out of order", zh_hant="故障設備", zh_hans="故障设备")
SICK_ONE = Text(
    en="{device} since {since}{cause}",
    zh_hant="{device}，自 {since}{cause}",
    zh_hans="{device}，自 {since}{cause}",
)
SUGGESTIONS = Text(en="Suggestions", zh_hant="建議", zh_hans="建议")
MEND = Text(
    en="Have {device} looked at before the doors open: no recovery is recorded since {since}.",
    zh_hant="開門前請檢查 {device}：自 {since} 起無恢復記錄。",
    zh_hans="开门前请检查 {device}：自 {since} 起无恢复记录。",
)
PENSION = Text(
    en="Pension day: older customers come early. Keep a counter for them and a guide at the door.",
    zh_hant="養老金發放日：年長客戶到得早，請保留人工窗口，並安排大堂引導。",
    zh_hans="养老金发放日：年长客户到得早，请保留人工窗口，并安排大堂引导。",
)
PAY = Text(
    en="Pay day: check the cash at machines and counters before the doors open.",
    zh_hant="發薪日：開門前請確認自助設備與櫃面備付現金。",
    zh_hans="发薪日：开门前请确认自助设备与柜面备付现金。",
)
PEAK = Text(
    en="Have all windows open from {at} to {until}: {share} of the day's visits are expected then.",
    zh_hant="{at} 至 {until} 請開足窗口：預計該時段到訪占全日 {share}。",
    zh_hans="{at} 至 {until} 请开足窗口：预计该时段到访占全日 {share}。",
)
LATE = Text(
    en="From {at} to {until} on this weekday, {customers} customers a month wait too long or "
    "leave. Put one more person there, or call the flexible window early.",
    zh_hant="同星期 {at} 至 {until} 每月有 {customers} 筆等候過久或離開："
    "請增派一人，或提早開啟彈性窗口。",
    zh_hans="同星期 {at} 至 {until} 每月有 {customers} 笔等候过久或离开："
    "请增派一人，或提早开启弹性窗口。",
)
BUSY = Text(
    en="Expect {share} more visits than on an average open day: no training or outreach today.",
    zh_hant="預計較平均營業日多 {share}：今日宜暫緩培訓與外拓。",
    zh_hans="预计较平均营业日多 {share}：今日宜暂缓培训与外拓。",
)
CALM = Text(
    en="Expect {share} fewer visits than on an average open day: a day for training or outreach.",
    zh_hant="預計較平均營業日少 {share}：可安排培訓或外拓。",
    zh_hans="预计较平均营业日少 {share}：可安排培训或外拓。",
)
KINDS = {
    "pay_day": Text(en="pay day", zh_hant="發薪日", zh_hans="发薪日"),
    "pension_day": Text(en="pension day", zh_hant="養老金發放日", zh_hans="养老金发放日"),
    "market": Text(en="market", zh_hant="市集", zh_hans="市集"),
    "campaign": Text(en="campaign", zh_hant="營銷活動", zh_hans="营销活动"),
    "works": Text(en="works nearby", zh_hant="周邊施工", zh_hans="周边施工"),
    "weather": Text(en="weather", zh_hant="天氣", zh_hans="天气"),
    "closure": Text(en="closure", zh_hant="停業", zh_hans="停业"),
    "other": Text(en="event", zh_hant="其他事件", zh_hans="其他事件"),
    "make_up_day": Text(en="make-up working day", zh_hant="調休上班日", zh_hans="调休上班日"),
    "before_holiday": Text(
        en="last day before a holiday", zh_hant="節前最後營業日", zh_hans="节前最后营业日"
    ),
    "after_holiday": Text(
        en="first day after a holiday", zh_hant="節後首個營業日", zh_hans="节后首个营业日"
    ),
    "month_end": Text(en="month end", zh_hant="月底", zh_hans="月底"),
    "month_start": Text(en="month start", zh_hant="月初", zh_hans="月初"),
}
