"""A plan made by hand for the branches of the example report; money and cash by the real code."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from branchwise.core.languages import Text
from branchwise.evaluate.designs import Design
from branchwise.optimise.portfolio import (
    Begun,
    Candidate,
    Limits,
    Locks,
    PortfolioDecision,
    PortfolioProblem,
)
from branchwise.plan.case import Undertaking, business_case
from branchwise.plan.costs import costs_of
from branchwise.plan.document import BranchPlan, BranchTrial, Plan
from branchwise.plan.interventions import library
from branchwise.plan.promises import Promise
from branchwise.plan.proposal import Appraisal, Effect, Option, Quantities, package_id
from branchwise.plan.roadmap import roadmap
from branchwise.plan.screening import Tried
from branchwise.plan.select import FrontierPoint
from branchwise.tables.assumptions import default_assumptions

STARTS_ON = date(2026, 6, 1)
LATE_OR_LOST, LATE = "plan.late_or_lost_per_month", "plan.late_per_month"
WAIT, WITHIN = "queues.wait_mean_seconds", "queues.within_standard_share"
OLD = "queues.elderly_wait_mean_seconds"


def text(en, zh_hant, zh_hans=None):
    return Text(en=en, zh_hant=zh_hant, zh_hans=zh_hans or zh_hant)


WHY = text("The twin foretold the days.", "模擬與實際相符。", "模拟与实际相符。")
MEND = text("Load every day.", "請每日載入。", "请每日载入。")


def windows(branch_id, amount=1.0, **others):
    return Option(
        option_id=f"{branch_id}|more_windows|{amount:g}|teller",
        branch_id=branch_id,
        intervention="more_windows",
        amount=amount,
        target="teller",
        window=(600, 720),
        iso_weekdays=(1, 5),
        quantities=Quantities(hours_added={"teller": 10.0 * amount}),
        lever="duty|teller",
        **others,
    )


def guide(branch_id):
    return Option(
        option_id=f"{branch_id}|guide_at_peaks|1|lobby",
        branch_id=branch_id,
        intervention="guide_at_peaks",
        amount=1.0,
        target="lobby",
        window=(540, 660),
        settings={"service:cash_in": 0.15},
        quantities=Quantities(hours_added={"assistant": 5.0}),
        lever="guide",
    )


def effect(measure, unit, baseline, difference, half, **where):
    return Effect(
        measure=measure,
        unit=unit,
        baseline=baseline,
        value=baseline + difference,
        difference=difference,
        lower=difference - half,
        upper=difference + half,
        **where,
    )


def appraisal(options, *effects, standing="trusted"):
    codes = tuple(sorted(option.option_id for option in options))
    return Appraisal(
        package_id=package_id(codes),
        branch_id=options[0].branch_id,
        option_ids=codes,
        standing=standing,
        effects=effects,
        draws=16,
        days=20,
        seed=1,
    )


def helped(options):
    """Return what the first branch's package does: two measures better, one class worse."""
    return appraisal(
        options,
        effect(LATE_OR_LOST, "visit", 900.0, -400.0, 100.0),
        effect(LATE, "visit", 800.0, -350.0, 100.0),
        effect(WAIT, "s", 900.0, -300.0, 60.0),
        Effect(
            measure="queues.wait_p90_seconds", unit="s", baseline=None, value=1500.0,
            difference=None, lower=None, upper=None,
        ),
        effect(WITHIN, "share", 0.4, 0.2, 0.05),
        effect("queues.abandoned_share", "share", 0.2, -0.1, 0.02),
        effect(OLD, "s", 800.0, -30.0, 60.0),
        effect("twin.machine_share", "share", 0.3, 0.05, 0.01),
        effect("queues.failback_share", "share", 0.08, 0.01, 0.005),
        effect("devices.availability_share", "share", 0.98, 0.0, 0.01),
        effect(WAIT, "s", 300.0, 40.0, 10.0, customer_class="corporate"),
        effect("twin.busy_share", "share", 0.9, -0.1, 0.05, station="teller"),
    )  # fmt: skip


def trial(branch_id, options, appraisals, screened=()):
    prices = default_assumptions()
    known = {option.option_id: option for option in options}
    return BranchTrial(
        branch_id=branch_id,
        options=tuple(options),
        tried=Tried(
            branch_id=branch_id,
            appraisals=tuple(appraisals),
            screened_out=tuple(screened),
            count_idle=0,
        ),
        costs={
            one.package_id: costs_of([known[code] for code in one.option_ids], library(), prices)
            for one in (*appraisals, *screened)
        },
    )


def candidate(found, change, elderly=0.0):
    return Candidate(
        candidate_id=found.package_id,
        branch_id=found.branch_id,
        region_id="R1",
        option_ids=found.option_ids,
        benefit=1_000.0,
        once_minor=0,
        yearly_minor=100,
        elderly_change=elderly,
        late_or_lost_change=change,
    )


def branch(branch_id, name, standing, found, begun=None):
    return BranchPlan(
        branch_id=branch_id,
        name=name,
        region_id="R1",
        standing=standing,
        reason=WHY,
        remedy=MEND,
        trial=found,
        begun=begun,
    )


def make_branches():
    """Return a helped branch, one of waits only, an unchanged one, one without a believed twin."""
    first = [windows("00301"), guide("00301"), windows("00301", 2.0)]
    package, single = (
        helped(first[:2]),
        appraisal(first[:1], effect(LATE_OR_LOST, "visit", 900.0, -200.0, 50.0)),
    )
    out = appraisal(first[2:], effect(LATE_OR_LOST, "visit", 900.0, -150.0, 50.0))
    second = [windows("00302")]
    waits = appraisal(second, effect(LATE, "visit", 100.0, -30.0, 10.0), standing="waits_only")
    third = [windows("00303"), guide("00303")]
    idle = appraisal(third[:1], effect(LATE_OR_LOST, "visit", 50.0, -1.0, 4.0))
    untried = appraisal([windows("00304")], standing="not_trusted")
    return (
        branch("00301", "城中支行", "trusted", trial("00301", first, [package, single], [out]),
               Begun(candidate_id=package.package_id, quarter=0)),
        branch("00302", "東門支行", "waits_only", trial("00302", second, [waits]),
               Begun(candidate_id=waits.package_id, quarter=1)),
        branch("00303", "新港支行", "trusted", trial("00303", third, [idle])),
        branch("00304", "廣場支行", "not_trusted", trial("00304", [windows("00304")], [untried])),
    ), [candidate(package, -400.0), candidate(single, -200.0), candidate(waits, -30.0)]  # fmt: skip


def make_promise(found):
    return Promise(
        package_id=found.package_id,
        branch_id=found.branch_id,
        option_ids=found.option_ids,
        measure=WITHIN,
        baseline=0.4,
        difference=0.2,
        lower=0.15,
        upper=0.25,
        guard_rail=OLD,
        guard_rail_limit=30.0,
        quarter=0,
        starts_on=date(2026, 7, 1),
        measured_on=date(2026, 9, 1),
        design=Design(
            measure=WITHIN, branch_id=found.branch_id, comparisons=("00305", "00306"),
            drawn_from="type", pre_days=60, post_days=40, spread=0.1, correlation=0.0,
            power=0.95, detectable=0.08,
        ),
    )  # fmt: skip


def make_plan(**changes):
    """Return the plan; fields given are exchanged."""
    branches, candidates = make_branches()
    undertakings = [
        Undertaking(
            branch_id=one.branch_id, options=one.chosen, quarter=one.begun.quarter,
            appraisal=one.appraisal,
        )
        for one in branches
        if one.begun is not None
    ]  # fmt: skip
    prices = default_assumptions()
    promise = make_promise(branches[0].appraisal)
    points = [
        FrontierPoint(
            capital_minor=budget, spent_minor=budget, worth=1.0, bound=1.0, benefit=1.0,
            late_or_lost_avoided=avoided, count_branches=count, status="optimal",
        )
        for budget, avoided, count in ((0, 0.0, 0), (100_000, 30.0, 1), (200_000, 430.0, 2))
    ]  # fmt: skip
    found = Plan(
        plan_id="P-1",
        snapshot_id="S1",
        data_id="D1",
        version="0.1.0",
        seed=1,
        draws=16,
        weeks=4,
        currency="CNY",
        standard_seconds=600.0,
        first_on=date(2026, 3, 2),
        last_on=date(2026, 5, 30),
        branches=branches,
        problem=PortfolioProblem(
            candidates=tuple(candidates),
            limits=Limits(capacity={"training": 4.0}),
            locks=Locks(accepted=(guide("00301").option_id,)),
        ),
        decision=PortfolioDecision(
            chosen=tuple(one.begun for one in branches if one.begun is not None),
            objective=1_000.0,
            bound=1_010.0,
            gap=0.01,
            status="optimal",
        ),
        frontier=tuple(points),
        case=business_case(undertakings, library(), prices),
        promises=(promise,),
        roadmap=roadmap(
            undertakings, library(), prices, promised=[promise], plan_starts_on=STARTS_ON,
            capacity={"training": 4.0},
        ),
    )  # fmt: skip
    return replace(found, **changes)


def nothing():
    """Return a plan in which nothing is done, for no twin is believed."""
    branches, _ = make_branches()
    untried = replace(branches[3], branch_id="00301", name="城中支行")
    return make_plan(
        branches=(untried,),
        problem=PortfolioProblem(candidates=(), limits=Limits()),
        decision=PortfolioDecision(chosen=(), objective=0.0, bound=0.0, gap=0.0, status="optimal"),
        frontier=(),
        case=business_case((), library(), default_assumptions()),
        promises=(),
        roadmap=roadmap(
            (), library(), default_assumptions(), promised=(), plan_starts_on=STARTS_ON
        ),
    )
