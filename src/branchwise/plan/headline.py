"""A plan in one sentence: what is paid, what customers gain, what is saved and freed."""

from __future__ import annotations

from branchwise.core.languages import Language, Text
from branchwise.core.units import quantity
from branchwise.plan.case import Case, Change
from branchwise.plan.costs import MONTHS
from branchwise.plan.document import Plan
from branchwise.plan.select import LATE, late_or_lost
from branchwise.plan.sentences import money
from branchwise.plan.why_not_words import conflict_text

INVESTED = Text(
    en="Over {quarters} {changed} of {branches} branches change, for {once} once "
    "and {yearly} a year.",
    zh_hant="於 {quarters} 季內改造 {branches} 個網點中的 {changed} 個，一次性投入 {once}，"
    "每年營運支出 {yearly}。",
    zh_hans="于 {quarters} 季内改造 {branches} 个网点中的 {changed} 个，一次性投入 {once}，"
    "每年营运支出 {yearly}。",
)
SERVED = Text(
    en="{count} fewer customers a month wait too long or leave ({share}; 95 % interval "
    "{least} to {most}).",
    zh_hant="每月久候或離開的客戶減少 {count} 人次（{share}；95% 區間 {least} 至 {most}）。",
    zh_hans="每月久候或离开的客户减少 {count} 人次（{share}；95% 区间 {least} 至 {most}）。",
)
WAITS = Text(
    en="At {branches} more, believed for waits only, {count} fewer a month wait too long.",
    zh_hant="另有 {branches} 個網點僅等候可信，每月久候減少 {count} 人次。",
    zh_hans="另有 {branches} 个网点仅等候可信，每月久候减少 {count} 人次。",
)
PROVEN = Text(
    en="Of {all} promises {not_proven} cannot be proven at this size.",
    zh_hant="{all} 項承諾中有 {not_proven} 項以此規模無法驗證。",
    zh_hans="{all} 项承诺中有 {not_proven} 项以此规模无法验证。",
)
SAVED = Text(
    en="Cash saved a year: {saved}{posts}; "
    "hours of staff a month: {freed} freed, {added} added; present "
    "value over {years} years, cash only: {npv}.",
    zh_hant="每年節省現金 {saved}{posts}；"
    "每月釋放 {freed} 工時，增加 {added} 工時；{years} "
    "年淨現值（僅計現金）為 {npv}。",
    zh_hans="每年节省现金 {saved}{posts}；"
    "每月释放 {freed} 工时，增加 {added} 工时；{years} "
    "年净现值（仅计现金）为 {npv}。",
)
POSTS = Text(
    en=" (whole posts not filled again: {count})",
    zh_hant="（離職不補整崗 {count} 個）",
    zh_hans="（离职不补整岗 {count} 个）",
)
NOTHING = Text(
    en="Nothing is proposed: {reason}",
    zh_hant="本次不提出任何措施：{reason}",
    zh_hans="本次不提出任何措施：{reason}",
)
NO_TWIN = Text(
    en="no branch has a twin that may be believed ({branches} branches); each says what data "
    "would mend it.",
    zh_hant="{branches} 個網點的模擬均未通過驗證；各網點列有可改善的數據。",
    zh_hans="{branches} 个网点的模拟均未通过验证；各网点列有可改善的数据。",
)
IMPOSSIBLE = Text(
    en="the limits and locks contradict each other: {conflict}",
    zh_hant="限制與既定答覆互相矛盾：{conflict}",
    zh_hans="限制与既定答复互相矛盾：{conflict}",
)
ALL_REJECTED = Text(
    en="all {count} options were rejected.",
    zh_hant="全部 {count} 項選項均遭否決。",
    zh_hans="全部 {count} 项选项均遭否决。",
)
NO_HELP = Text(
    en="no option that was tried is worth its cost within these limits.",
    zh_hant="在此限制下，試算過的措施均不值其成本。",
    zh_hans="在此限制下，试算过的措施均不值其成本。",
)


def headline(plan: Plan) -> Text:
    """Return the plan in one sentence, or why nothing is proposed."""
    if not plan.changed:
        return _nothing(plan)
    return Text.written(lambda language: _said(plan, language))


def _nothing(plan: Plan) -> Text:
    reason = _why_nothing(plan)
    return Text.written(
        lambda language: NOTHING.read_in(language).format(reason=reason.read_in(language))
    )


def _why_nothing(plan: Plan) -> Text:
    if plan.decision.status == "infeasible":
        conflict = conflict_text(
            plan.decision.conflict, is_smallest=plan.decision.is_smallest_conflict
        )
        return Text.written(
            lambda language: IMPOSSIBLE.read_in(language).format(
                conflict=conflict.read_in(language)
            )
        )
    rejected = set(plan.problem.locks.rejected)
    if plan.options and rejected.issuperset(plan.options):
        return ALL_REJECTED.filled(count=len(rejected))
    if not any(branch.standing in {"trusted", "waits_only"} for branch in plan.branches):
        return NO_TWIN.filled(branches=len(plan.branches))
    return NO_HELP


def _said(plan: Plan, language: Language) -> str:
    case = plan.case
    parts = [
        INVESTED.read_in(language).format(
            quarters=_quarters(plan.problem.limits.quarters, language),
            changed=len(plan.changed),
            branches=len(plan.branches),
            once=_amount(case.costs.once_minor, case.currency, language),
            yearly=_amount(case.costs.yearly_minor, case.currency, language),
        )
    ]
    if case.late_or_lost is not None and case.late_or_lost.difference < 0:
        parts.append(_served(case.late_or_lost, language))
    parts += [_waits(plan, language), _proven(plan, language), _saved(case, language)]
    return (" " if language == "en" else "").join(part for part in parts if part)


def _quarters(number: int, language: Language) -> str:
    if language != "en":
        return f"{number}"
    return "1 quarter" if number == 1 else f"{number} quarters"


def _served(change: Change, language: Language) -> str:
    def share(amount: float) -> str:
        part = max(amount / change.do_nothing, -1.0) if change.do_nothing else 0.0
        return quantity(part, "share", language)

    return SERVED.read_in(language).format(
        count=f"{-change.difference / MONTHS:,.0f}",
        share=share(change.difference),
        least=share(change.upper),
        most=share(change.lower),
    )


def _waits(plan: Plan, language: Language) -> str:
    """Say what changes at branches whose twin is believed for waits only; nothing if nothing."""
    found = [late_or_lost(one.appraisal) for one in plan.changed if one.appraisal is not None]
    late = [each.difference or 0.0 for each in found if each is not None and each.measure == LATE]
    if not late or sum(late) >= 0:
        return ""
    return WAITS.read_in(language).format(count=f"{-sum(late):,.0f}", branches=len(late))


def _proven(plan: Plan, language: Language) -> str:
    """Say how many promises no evaluation could prove; nothing where all can be proven."""
    found = sum(not promise.is_provable for promise in plan.promises)
    if not found:
        return ""
    return PROVEN.read_in(language).format(all=len(plan.promises), not_proven=found)


def _saved(case: Case, language: Language) -> str:
    posts = case.costs.posts_released
    return SAVED.read_in(language).format(
        saved=_amount(case.costs.saved_minor, case.currency, language),
        posts=POSTS.read_in(language).format(count=posts) if posts else "",
        freed=f"{case.costs.hours_freed:,.0f}",
        added=f"{case.costs.hours_added:,.0f}",
        years=f"{len(case.flows) / 4:g}",
        npv=_amount(case.npv_minor, case.currency, language),
    )


def _amount(minor: int, currency: str, language: Language) -> str:
    """Write an amount; nothing is 0, without minor units."""
    return money(minor, currency, language) if minor else "0"
