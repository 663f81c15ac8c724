"""What is said of options that were not chosen, and of limits that contradict each other."""

from __future__ import annotations

from collections.abc import Sequence

from branchwise.core.languages import LANGUAGES, Language, Text
from branchwise.core.units import closed_up
from branchwise.plan.sentences import SEPARATORS

TRADES = {
    "training": Text(en="training", zh_hant="培訓", zh_hans="培训"),
    "it": Text(en="IT", zh_hant="科技", zh_hans="科技"),
    "works": Text(en="building works", zh_hant="工程", zh_hans="工程"),
    "procurement": Text(en="procurement", zh_hant="採購", zh_hans="采购"),
}
LIMITS = {
    "capital": Text(en="the capital budget", zh_hant="資本預算", zh_hans="资本预算"),
    "operating": Text(
        en="the limit on running costs", zh_hant="年度運營成本上限", zh_hans="年度运营成本上限"
    ),
    "capacity": Text(
        en="what {name} can deliver a quarter",
        zh_hant="每季{name}實施能力",
        zh_hans="每季{name}实施能力",
    ),
    "devices": Text(
        en="too few devices ({name}) given up by other branches",
        zh_hant="其他網點騰出的設備（{name}）不足",
        zh_hans="其他网点腾出的设备（{name}）不足",
    ),
    "region": Text(
        en="something for region {name}",
        zh_hant="區域 {name} 不得落空",
        zh_hans="区域 {name} 不得落空",
    ),
    "elderly": Text(
        en="no longer waits for customers of 60 and over",
        zh_hant="六十歲及以上客戶等候不得變長",
        zh_hans="六十岁及以上客户等候不得变长",
    ),
    "accepted": Text(en="{name} accepted", zh_hant="已核准 {name}", zh_hans="已核准 {name}"),
    "rejected": Text(en="{name} rejected", zh_hant="已否決 {name}", zh_hans="已否决 {name}"),
}
CONFLICT = Text(
    en="No plan keeps all of these together: {limits}. Give up any one of them.",
    zh_hant="以下各項無法同時滿足：{limits}。放寬其中任一項即可。",
    zh_hans="以下各项无法同时满足：{limits}。放宽其中任一项即可。",
)
UNSETTLED = Text(
    en="No plan keeps all of these together: {limits}. Some of them may be spared; more time "
    "(--time-limit) would tell which.",
    zh_hant="以下各項無法同時滿足：{limits}。其中部分可能並非必要，放寬時限（--time-limit）可進一步縮小範圍。",
    zh_hans="以下各项无法同时满足：{limits}。其中部分可能并非必要，放宽时限（--time-limit）可进一步缩小范围。",
)
ALONE = Text(
    en="No package that was tried can keep this: {limits}.",
    zh_hant="所試各組合均無法滿足此項：{limits}。",
    zh_hans="所试各组合均无法满足此项：{limits}。",
)
SENTENCES = {
    "chosen": Text(
        en="{option}: chosen, to begin in quarter {quarter}.",
        zh_hant="{option}：已入選，第 {quarter} 季啟動。",
        zh_hans="{option}：已入选，第 {quarter} 季启动。",
    ),
    "chosen_at_a_loss": Text(
        en="{option}: chosen, to begin in quarter {quarter}, though its package costs {loss} more "
        "than it is worth over the horizon: {because}.",
        zh_hant="{option}：已入選，第 {quarter} 季啟動；所屬組合在測算期內成本高出價值 {loss}，"
        "入選原因：{because}。",
        zh_hans="{option}：已入选，第 {quarter} 季启动；所属组合在测算期内成本高出价值 {loss}，"
        "入选原因：{because}。",
    ),
    "rejected": Text(
        en="{option}: rejected by a person: {why}",
        zh_hant="{option}：已由人員否決：{why}",
        zh_hans="{option}：已由人员否决：{why}",
    ),
    "not_supported": Text(
        en="{option}: there is no such option. Either no finding at this branch asks for it, or "
        "its data do not show what it would change.",
        zh_hant="{option}：無此措施。該網點沒有需要它的發現，或其數據未顯示可調整的對象。",
        zh_hans="{option}：无此措施。该网点没有需要它的发现，或其数据未显示可调整的对象。",
    ),
    "not_trusted": Text(
        en="{option}: nothing is promised, for the twin of this branch is not trusted. {remedy}",
        zh_hant="{option}：該網點的模擬未通過驗證，故不作任何承諾。{remedy}",
        zh_hans="{option}：该网点的模拟未通过验证，故不作任何承诺。{remedy}",
    ),
    "not_tried": Text(
        en="{option}: the twin has not tried it, so nothing is promised.",
        zh_hant="{option}：未在模擬網點中試行，故不作承諾。",
        zh_hans="{option}：未在模拟网点中试行，故不作承诺。",
    ),
    "outdone": Text(
        en="{option}: in a first look in the twin it changes the customers who wait too long or "
        "leave by {effect} a month (95 % interval {lower} to {upper}); for its cost other packages "
        "of the branch did better, so it was not tried further.",
        zh_hant="{option}：經模擬網點初步試行，每月等候超時或流失客戶變動 {effect}"
        "（95% 區間 {lower} 至 {upper}）；計入成本後不及該網點其他組合，故未進一步試行。",
        zh_hans="{option}：经模拟网点初步试行，每月等候超时或流失客户变动 {effect}"
        "（95% 区间 {lower} 至 {upper}）；计入成本后不及该网点其他组合，故未进一步试行。",
    ),
    "no_help": Text(
        en="{option}: tried in the twin, it changes the customers who wait too long or leave by "
        "{effect} a month (95 % interval {lower} to {upper}): no help that could be told apart "
        "from chance.",
        zh_hant="{option}：經模擬網點試行，每月等候超時或流失客戶變動 {effect}"
        "（95% 區間 {lower} 至 {upper}），未見可與偶然區分的改善。",
        zh_hans="{option}：经模拟网点试行，每月等候超时或流失客户变动 {effect}"
        "（95% 区间 {lower} 至 {upper}），未见可与偶然区分的改善。",
    ),
    "elderly": Text(
        en="{option}: customers of 60 and over would wait {seconds} longer; allowed: {tolerance}.",
        zh_hant="{option}：六十歲及以上客戶平均將多等 {seconds}，允許值為 {tolerance}。",
        zh_hans="{option}：六十岁及以上客户平均将多等 {seconds}，允许值为 {tolerance}。",
    ),
    "not_worth": Text(
        en="{option}: it helps, but costs {amount} more over the horizon than what it brings "
        "counts for.",
        zh_hant="{option}：有改善，但規劃期內成本比其成效權重高 {amount}。",
        zh_hans="{option}：有改善，但规划期内成本比其成效权重高 {amount}。",
    ),
    "another_package": Text(
        en="{option}: it helps, but {other} at the same branch is worth {amount} more over the "
        "horizon.",
        zh_hant="{option}：有改善，但同一網點的{other}在規劃期內價值高出 {amount}。",
        zh_hans="{option}：有改善，但同一网点的{other}在规划期内价值高出 {amount}。",
    ),
    "limit": Text(
        en="{option}: worth {amount} over the horizon, but in its way stands {limits}. Forced in, "
        "{dropped}, and the plan would be worth {loss} less.",
        zh_hant="{option}：規劃期內價值 {amount}，但受限於{limits}。若強制納入，{dropped}，"
        "整體價值將減少 {loss}。",
        zh_hans="{option}：规划期内价值 {amount}，但受限于{limits}。若强制纳入，{dropped}，"
        "整体价值将减少 {loss}。",
    ),
    "impossible": Text(
        en="{option}: it cannot be forced in. {conflict}",
        zh_hant="{option}：無法強制納入。{conflict}",
        zh_hans="{option}：无法强制纳入。{conflict}",
    ),
    "even": Text(
        en="{option}: as good as what was chosen; forced in, the plan would be worth at most "
        "{loss} less.",
        zh_hant="{option}：與入選組合不相上下；若強制納入，整體價值至多減少 {loss}。",
        zh_hans="{option}：与入选组合不相上下；若强制纳入，整体价值至多减少 {loss}。",
    ),
}
DROPPED = Text(en="{names} would drop out", zh_hant="{names}將落選", zh_hans="{names}将落选")
LATER = Text(
    en="other branches would begin later or do less",
    zh_hant="其他網點將延後或縮減",
    zh_hans="其他网点将延后或缩减",
)
WANTED = Text(en="people accepted it", zh_hant="已獲核准", zh_hans="已获核准")
FOR_REGION = Text(
    en="without it region {region} would get nothing",
    zh_hant="否則區域 {region} 將無任何措施",
    zh_hans="否则区域 {region} 将无任何措施",
)
NOT_CASH = Text(
    en="Worth is a planning value that counts customers' time; it is not cash.",
    zh_hant="此價值為計入客戶時間的規劃權重，並非現金。",
    zh_hans="此价值为计入客户时间的规划权重，并非现金。",
)
NO_REASON = Text(en="no reason was given.", zh_hant="未說明原因。", zh_hans="未说明原因。")
AT = Text(en="{label} at {branch}", zh_hant="{branch}「{label}」", zh_hans="{branch}「{label}」")


def limit_name(name: str) -> Text:
    """Return what people call a limit or a lock.

    Parameters
    ----------
    name : str
        As in a decision's conflict.

    Examples
    --------
    >>> limit_name("capacity:it").en, limit_name("region:R1").zh_hant
    ('what IT can deliver a quarter', '區域 R1 不得落空')
    """
    kind, _, code = name.partition(":")
    plain = Text(en=code, zh_hant=code, zh_hans=code)
    called = TRADES.get(code, plain) if kind == "capacity" else plain
    return Text.written(
        lambda language: LIMITS[kind].read_in(language).format(name=called.read_in(language))
    )


def conflict_text(conflict: Sequence[str], *, is_smallest: bool = True) -> Text:
    """Say which limits and locks contradict each other.

    Parameters
    ----------
    conflict : sequence of str
        Of a decision, one or more names.
    is_smallest : bool
        Whether none of them can be spared.

    Examples
    --------
    >>> conflict_text(("capital", "region:R1")).en
    'No plan keeps all of these together: the capital budget; something for region R1. Give up any one of them.'
    """  # noqa: E501 - what is printed
    sentence = UNSETTLED if not is_smallest else CONFLICT if len(conflict) > 1 else ALONE
    return sentence_of(sentence, limits=listed([limit_name(name) for name in conflict], "; "))


def listed(names: Sequence[Text], english: str = ", ") -> Text:
    """Return some names one after the other."""
    joints: dict[Language, str] = {**SEPARATORS, "en": english}
    return Text.written(
        lambda language: joints[language].join(name.read_in(language) for name in names)
    )


def sentence_of(sentence: Text, **pieces: Text) -> Text:
    """Return a sentence with its places filled in each language by that language's words."""
    written = {
        language: closed_up(
            sentence.read_in(language).format(
                **{name: piece.read_in(language) for name, piece in pieces.items()}
            )
        ).strip()
        for language in LANGUAGES
    }
    return Text.written(lambda language: written[language])
