"""What the twin's verbs say."""

from __future__ import annotations

from collections.abc import Mapping

from branchwise.core.languages import Language, Text
from branchwise.measures.catalogue import catalogue

CALIBRATING = Text(en="Calibrating branches", zh_hant="校準網點", zh_hans="校准网点")
VALIDATING = Text(en="Validating branches", zh_hant="驗證網點", zh_hans="验证网点")
SIMULATING = Text(en="Simulating days", zh_hant="模擬營業日", zh_hans="模拟营业日")
SWEEPING = Text(en="Simulating branches", zh_hant="逐網點模擬", zh_hans="逐网点模拟")
COMPILING = Text(
    en="Compiling the simulator (once on this machine)…",
    zh_hant="正在編譯模擬器（本機僅需一次）…",
    zh_hans="正在编译模拟器（本机仅需一次）…",
)
NEVER_VALIDATED = Text(
    en="This branch's twin has never been held against the branch's own days.",
    zh_hant="本網點之模擬從未與實際營業日比對。",
    zh_hans="本网点之模拟从未与实际营业日比对。",
)
STALE = Text(
    en="The branch was calibrated anew, or its scenario edited, since it was validated.",
    zh_hant="驗證之後，本網點已重新校準或情境已經修改。",
    zh_hans="验证之后，本网点已重新校准或情境已经修改。",
)
VALIDATE_IT = Text(
    en="branchwise twin validate holds it against the last days.",
    zh_hant="以 branchwise twin validate 與最近營業日比對。",
    zh_hans="以 branchwise twin validate 与最近营业日比对。",
)
FAILED = Text(
    en="Branch {branch} was left out: {code} {what}",
    zh_hant="網點 {branch} 未處理：{code} {what}",
    zh_hans="网点 {branch} 未处理：{code} {what}",
)
NOT_REACHED = Text(
    en="{branch}: after {replications} days the mean wait is known within {reached}, "
    "not within {wanted}.",
    zh_hant="{branch}：模擬 {replications} 天後，平均等候之相對誤差為 {reached}，未達 {wanted}。",
    zh_hans="{branch}：模拟 {replications} 天后，平均等候之相对误差为 {reached}，未达 {wanted}。",
)
SKIPPED = Text(
    en="{count} of {all} branches were done before and are not run again.",
    zh_hant="{all} 個網點中有 {count} 個先前已完成，不再重跑。",
    zh_hans="{all} 个网点中有 {count} 个先前已完成，不再重跑。",
)
VERDICT_WORDS: Mapping[str, Text] = {
    "trusted": Text(en="trusted", zh_hant="可信", zh_hans="可信"),
    "waits_only": Text(en="waits only", zh_hant="僅等候可信", zh_hans="仅等候可信"),
    "not_trusted": Text(en="NOT TRUSTED", zh_hant="不可信", zh_hans="不可信"),
    "not_validated": Text(en="NOT VALIDATED", zh_hant="未驗證", zh_hans="未验证"),
}
STRENGTH_WORDS: Mapping[str, Text] = {
    "tickets": Text(en="tickets", zh_hant="取號", zh_hans="取号"),
    "transactions": Text(en="transactions (weak)", zh_hant="交易（較弱）", zh_hans="交易（较弱）"),
    "none": Text(en="nothing", zh_hant="無", zh_hans="无"),
}
LABELS: Mapping[str, Text] = {
    "twin.balked_share": Text(
        en="Turned round at the line", zh_hant="見隊長即離開", zh_hans="见队长即离开"
    ),
    "twin.customers_per_day": Text(en="Customers a day", zh_hant="每日到訪", zh_hans="每日到访"),
    "twin.served_per_day": Text(en="Served a day", zh_hant="每日已辦理", zh_hans="每日已办理"),
    "twin.walked_metres": Text(
        en="Way walked by a customer", zh_hant="每客步行距離", zh_hans="每客步行距离"
    ),
    "twin.busy_share": Text(
        en="Busy, from call to end", zh_hant="忙碌率（叫號至辦畢）", zh_hans="忙碌率（叫号至办毕）"
    ),
    "twin.services_per_day": Text(en="Services a day", zh_hant="每日服務", zh_hans="每日服务"),
    "twin.overtime_seconds_per_day": Text(
        en="Overtime a day", zh_hant="每日超時", zh_hans="每日超时"
    ),
    "twin.request_mean_seconds": Text(
        en="From a request to its end, mean",
        zh_hant="請求至完成，平均",
        zh_hans="请求至完成，平均",
    ),
    "wait_mean_seconds": Text(en="Mean wait", zh_hant="平均等候", zh_hans="平均等候"),
    "wait_p90_seconds": Text(en="P90 wait", zh_hant="P90 等候", zh_hans="P90 等候"),
    "abandoned_share": Text(en="Abandoned", zh_hant="棄號率", zh_hans="弃号率"),
    "count_served": Text(en="Served a day", zh_hant="每日已辦理", zh_hans="每日已办理"),
    "count_customers": Text(en="Customers a day", zh_hant="每日到訪", zh_hans="每日到访"),
}


def label(measure: str, language: Language) -> str:
    """Return what people call a measure of the catalogue or of the twin alone."""
    known = LABELS.get(measure)
    return (known or catalogue()[measure].label).read_in(language)


WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "calibrated": "Calibrated: {count} branches from snapshot {snapshot}",
        "calibrated_columns": "Branch|Rests on|Days|Left out|Parameters|Notes|Scenario",
        "validated": "Validated: {count} branches",
        "validated_columns": "Branch|Verdict|Mean wait seen|Foretold|90 % interval|Reason",
        "compared_with_days": "Measure|Class|Seen|Foretold|90 % interval",
        "coverage": "{share} of the values seen lie within their 90 % intervals; "
        "{held_out} days foretold after learning from {learned}.",
        "verdict": "Branch {branch}: twin {verdict}. {reason} {remedy}",
        "run": "Branch {branch}, scenario {scenario}: {replications} days, seed {seed}",
        "run_columns": "Measure|Class|Station|Value|95 % interval",
        "changes": "Changed: {changes}",
        "sweep": "{count} branches × {replications} days, seed {seed}",
        "sweep_columns": "Branch|Twin|Mean wait|P90|Within standard|Abandoned|Busy",
        "compared": "Branch {branch}: {b} against {a}, the same {replications} days, seed {seed}",
        "compared_columns": "Measure|Class|Station|{a}|{b}|Difference|95 % interval|",
        "better": "better",
        "worse": "worse",
        "other": "differs",
        "pairs": "Both scenarios saw the same customers. Each interval holds on its own; of twenty "
        "without any effect, one is expected to look different.",
        "machines": "Waits in front of machines are counted here; most banks do not record them.",
        "file": "Written: {path}",
    },
    "zh-Hant": {
        "calibrated": "已校準 {count} 個網點，資料快照 {snapshot}",
        "calibrated_columns": "網點|依據|天數|剔除|參數|說明|情境檔",
        "validated": "已驗證 {count} 個網點",
        "validated_columns": "網點|結論|實際平均等候|預測|90% 區間|理由",
        "compared_with_days": "指標|客群|實際|預測|90% 區間",
        "coverage": "實際值有 {share} 落在 90% 區間內；"
        "以 {learned} 天校準，預測其後 {held_out} 天。",
        "verdict": "網點 {branch}：模擬{verdict}。{reason}{remedy}",
        "run": "網點 {branch}，情境 {scenario}：{replications} 天，種子 {seed}",
        "run_columns": "指標|客群|站點|數值|95% 區間",
        "changes": "變更：{changes}",
        "sweep": "{count} 個網點 × {replications} 天，種子 {seed}",
        "sweep_columns": "網點|模擬|平均等候|P90|達標率|棄號率|忙碌率",
        "compared": "網點 {branch}：{b} 對比 {a}，相同的 {replications} 天，種子 {seed}",
        "compared_columns": "指標|客群|站點|{a}|{b}|差異|95% 區間|",
        "better": "較佳",
        "worse": "較差",
        "other": "有別",
        "pairs": "兩情境面對相同客戶。各區間分別成立；二十項無差異的指標中，約有一項會顯得有別。",
        "machines": "此處計入自助設備前之等候；多數銀行並無此記錄。",
        "file": "已寫入：{path}",
    },
    "zh-Hans": {
        "calibrated": "已校准 {count} 个网点，数据快照 {snapshot}",
        "calibrated_columns": "网点|依据|天数|剔除|参数|说明|情境文件",
        "validated": "已验证 {count} 个网点",
        "validated_columns": "网点|结论|实际平均等候|预测|90% 区间|理由",
        "compared_with_days": "指标|客群|实际|预测|90% 区间",
        "coverage": "实际值有 {share} 落在 90% 区间内；"
        "以 {learned} 天校准，预测其后 {held_out} 天。",
        "verdict": "网点 {branch}：模拟{verdict}。{reason}{remedy}",
        "run": "网点 {branch}，情境 {scenario}：{replications} 天，种子 {seed}",
        "run_columns": "指标|客群|站点|数值|95% 区间",
        "changes": "变更：{changes}",
        "sweep": "{count} 个网点 × {replications} 天，种子 {seed}",
        "sweep_columns": "网点|模拟|平均等候|P90|达标率|弃号率|忙碌率",
        "compared": "网点 {branch}：{b} 对比 {a}，相同的 {replications} 天，种子 {seed}",
        "compared_columns": "指标|客群|站点|{a}|{b}|差异|95% 区间|",
        "better": "较佳",
        "worse": "较差",
        "other": "有别",
        "pairs": "两情境面对相同客户。各区间分别成立；二十项无差异的指标中，约有一项会显得有别。",
        "machines": "此处计入自助设备前之等候；多数银行并无此记录。",
        "file": "已写入：{path}",
    },
}
