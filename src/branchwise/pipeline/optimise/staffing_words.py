"""What `optimise staffing` says, in three languages."""

from __future__ import annotations

from collections.abc import Mapping

from branchwise.core.languages import Language, Text

NOT_TRUSTED = Text(
    en="Branch {branch}: its twin may not be trusted, so this is the modified offered load of the "
    "measured demand, not tried in any simulation. {reason} {remedy}",
    zh_hant="網點 {branch}：模擬未獲採信，以下為依實測需求之修正負載人數，未經模擬試算。"
    "{reason}{remedy}",
    zh_hans="网点 {branch}：模拟未获采信，以下为依实测需求之修正负载人数，未经模拟试算。"
    "{reason}{remedy}",
)
UNCHECKED_FILE = Text(
    en="The scenario {file} was given as it is: nobody has held it against a branch's own days.",
    zh_hant="情境 {file} 由使用者直接提供，未與任何網點的實際日子對照。",
    zh_hans="情境 {file} 由使用者直接提供，未与任何网点的实际日子对照。",
)
TIME_LIMIT = Text(
    en="The search was stopped before its end; this is the best staffing so far. {missed} "
    "quarter-hours are below the target. A longer --time-limit may find fewer hours.",
    zh_hant="求解提前結束，以下為目前最佳排班；{missed} 個刻鐘未達標。"
    "加長 --time-limit 或可再省工時。",
    zh_hans="求解提前结束，以下为目前最佳排班；{missed} 个刻钟未达标。"
    "加长 --time-limit 或可再省工时。",
)
TOGETHER = Text(
    en="Queues that share people are held to the target together, not each: {queues}.",
    zh_hant="共用人員的隊列合併計算達標率，未逐一分列：{queues}。",
    zh_hans="共用人员的队列合并计算达标率，未逐一分列：{queues}。",
)
BELOW = Text(
    en="Within the limits (lunch, people present) no staffing was found that keeps the target in "
    "every quarter-hour: {missed} are below it, first {time} with {attained}.",
    zh_hant="在限制（午休、在場人數）內未找到每刻鐘皆達標的排班：{missed} 個刻鐘未達標，"
    "最早為 {time}，達標率 {attained}。",
    zh_hans="在限制（午休、在场人数）内未找到每刻钟皆达标的排班：{missed} 个刻钟未达标，"
    "最早为 {time}，达标率 {attained}。",
)
MISSED_AGAIN = Text(
    en="Looked at again on other days, {count} quarter-hours fall short of the target by more than "
    "chance, first {time}.",
    zh_hant="以另外的日子複核，{count} 個刻鐘未達標且超出隨機範圍，最早為 {time}。",
    zh_hans="以另外的日子复核，{count} 个刻钟未达标且超出随机范围，最早为 {time}。",
)
WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "title": "Staffing of {branch} ({scenario}): {share} called within {wait} in every "
        "quarter-hour, on {quantile} of days",
        "columns": "Post|From|To|Today|People|Offered load|Erlang C|Attained|95 % interval",
        "hours": "{hours} h of service a day; {load} h by the offered load (against it "
        "{load_change}), {erlang} h by Erlang C for each quarter-hour (against it "
        "{erlang_change}), {today} h today.",
        "missed": "The offered load misses the target in {count} quarter-hours of the same days.",
        "people": "People to be present: {people}, breaks included.",
        "days": "Attained on {days} simulated days that the search did not use (seed {seed}).",
        "demand": "Staffed for a day {factor} times as busy as the mean day.",
        "left_out": "Who comes before opening is not in any quarter-hour; work after closing and "
        "people at machines or in authorisation are not counted.",
    },
    "zh-Hant": {
        "title": "{branch} 排班人數（{scenario}）：{quantile} 的日子裡，"
        "每刻鐘皆有 {share} 客戶在 {wait}內叫號",
        "columns": "崗位|起|迄|現況|建議人數|修正負載|Erlang C|達標率|95% 區間",
        "hours": "每日服務 {hours} 小時；修正負載為 {load} 小時（相較 {load_change}），"
        "逐刻 Erlang C 為 {erlang} 小時（相較 {erlang_change}），現況 {today} 小時。",
        "missed": "同樣日子裡，修正負載有 {count} 個刻鐘未達標。",
        "people": "須在場 {people} 人，已含輪休。",
        "days": "達標率取自求解未用過的 {days} 個模擬日（種子 {seed}）。",
        "demand": "以平均日 {factor} 倍的客流為準。",
        "left_out": "開門前到達者不計入任何刻鐘；收尾工作、機具與授權人員不計。",
    },
    "zh-Hans": {
        "title": "{branch} 排班人数（{scenario}）：{quantile} 的日子里，"
        "每刻钟皆有 {share} 客户在 {wait}内叫号",
        "columns": "岗位|起|迄|现状|建议人数|修正负载|Erlang C|达标率|95% 区间",
        "hours": "每日服务 {hours} 小时；修正负载为 {load} 小时（相较 {load_change}），"
        "逐刻 Erlang C 为 {erlang} 小时（相较 {erlang_change}），现状 {today} 小时。",
        "missed": "同样日子里，修正负载有 {count} 个刻钟未达标。",
        "people": "须在场 {people} 人，已含轮休。",
        "days": "达标率取自求解未用过的 {days} 个模拟日（种子 {seed}）。",
        "demand": "以平均日 {factor} 倍的客流为准。",
        "left_out": "开门前到达者不计入任何刻钟；收尾工作、机具与授权人员不计。",
    },
}
