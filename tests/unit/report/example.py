"""A report made by hand: a small invented bank, the same for every test."""

import random
from datetime import UTC, date, datetime, timedelta

from branchwise.cleaning.stitching import Stitching
from branchwise.core.languages import Text
from branchwise.plan.model import Finding, Spot
from branchwise.report.deliveries import (
    Coverage,
    Effect,
    Loading,
    QuarantineLine,
    RefusedFile,
    RepairRule,
    Source,
)
from branchwise.report.model import (
    Branch,
    Comparison,
    Doubt,
    Estimate,
    Funnel,
    FunnelPoint,
    Goal,
    GuardRail,
    HalfHour,
    Headcount,
    Hours,
    MeasureNote,
    Peers,
    Report,
    ServiceUse,
    Trust,
)

FIRST, LAST = date(2026, 3, 2), date(2026, 5, 30)
NAMES = (
    "城中",
    "東門",
    "新港",
    "廣場",
    "河西",
    "學府",
    "南站",
    "工業園",
    "古鎮",
    "北苑",
    "海濱",
    "中山",
)
TYPES = ("flagship", "comprehensive", "comprehensive", "light", "community", "county")
REGIONS = ("市區", "濱海", "縣域")
WAIT, OLD = "queues.wait_p90_seconds", "queues.elderly_wait_p90_seconds"


def text(en, zh_hant, zh_hans=None):
    return Text(en=en, zh_hant=zh_hant, zh_hans=zh_hans or zh_hant)


MEASURES = {
    note.name: note
    for note in (
        MeasureNote(
            name=WAIT,
            label=text("P90 wait", "等候時間P90", "等候时间P90"),
            meaning=text(
                "Nine visitors in ten wait at most so long, from ticket to call.",
                "九成客戶從取號到叫號的等候不超過此值。",
                "九成客户从取号到叫号的等候不超过此值。",
            ),
            unit="s",
            direction="lower",
            bias=text("A lower bound where many leave.", "棄號多時偏低。", "弃号多时偏低。"),
            standard=900.0,
            standard_source=text("house standard", "行內標準", "行内标准"),
            minimum_rows=20,
        ),
        MeasureNote(
            name=OLD,
            label=text("P90 wait, 60 and over", "長者等候P90", "长者等候P90"),
            meaning=text("The same for visitors of 60 and over.", "60歲及以上。", "60岁及以上。"),
            unit="s",
            direction="lower",
            standard=900.0,
        ),
        MeasureNote(
            name="queues.abandoned_share",
            label=text("Abandoned", "棄號率", "弃号率"),
            meaning=text("Unserved among all visits.", "未服務佔全部到訪。", "未服务占全部到访。"),
            unit="share",
            direction="lower",
        ),
        MeasureNote(
            name="channels.diversion_share",
            label=text("Done away from the counter", "業務分流率", "业务分流率"),
            meaning=text("Share of transactions.", "交易筆數佔比。", "交易笔数占比。"),
            unit="share",
            direction="higher",
            standard=0.8,
        ),
        MeasureNote(
            name="economics.aum_per_head",
            label=text("Assets under management per head", "人均資產管理規模", "人均资产管理规模"),
            meaning=text("AUM over staff.", "資產除以在崗人數。", "资产除以在岗人数。"),
            unit="currency/head",
            direction="higher",
        ),
        MeasureNote(
            name="devices.per_1000_visits",
            label=text("Devices per 1,000 visits", "每千次到訪設備數", "每千次到访设备数"),
            meaning=text("Devices in service.", "在用設備。", "在用设备。"),
            unit="ratio",
            direction="none",
        ),
        MeasureNote(
            name="economics.cost_per_visit",
            label=text("Cost per visit", "每次到訪成本", "每次到访成本"),
            meaning=text("Staff and devices.", "人工與設備。", "人工与设备。"),
            unit="currency",
            direction="lower",
        ),
    )
}


def make_report(count=12, *, name="示範銀行 Example Bank", seed=7):
    chance = random.Random(seed)  # noqa: S311 - an invented bank
    branches = tuple(make_branch(index, chance) for index in range(count))
    findings = tuple(
        sorted((f for b in branches for f in b.findings), key=lambda finding: finding.rank)
    )
    return Report(
        bank_name=name,
        made_at=datetime(2026, 6, 1, 8, 0, tzinfo=UTC),
        snapshot_id="20260601-1",
        version="0.1.0",
        starts_on=FIRST,
        ends_on=LAST,
        currency="CNY",
        count_visits=sum(branch.count_visits for branch in branches),
        share_age_known=0.34,
        measures=MEASURES,
        bank={
            WAIT: Estimate(value=1284.0, lower=1266.0, upper=1301.0, count_rows=182_113),
            OLD: Estimate(value=1512.0, lower=1461.0, upper=1570.0, count_rows=21_544),
        },
        goals=make_goals(),
        findings=findings,
        branches=branches,
        funnel=make_funnel(branches) if count > 5 else None,
        loading=make_loading(branches, chance),
    )


def make_goals():
    return (
        Goal(
            goal="efficiency",
            measure="channels.diversion_share",
            now=Estimate(value=0.612, lower=0.61, upper=0.614, count_rows=804_112),
            baseline=0.58,
            target=0.75,
            due_on=date(2026, 12, 31),
            guard_rail=GuardRail(
                measure=OLD, now=Estimate(value=1512.0, lower=1461, upper=1570), limit=1200.0
            ),
            light="red",
        ),
        Goal(
            goal="experience",
            measure=WAIT,
            now=Estimate(value=1284.0, lower=1266.0, upper=1301.0, count_rows=182_113),
            baseline=1500.0,
            target=1300.0,
            light="green",
        ),
        Goal(
            goal="cost",
            measure="economics.cost_per_visit",
            now=Estimate(value=41.2, lower=40.1, upper=42.5, count_rows=182_113),
        ),
        Goal(goal="growth"),
    )


def make_branch(index, chance):
    branch_id = f"{301 + index:05d}"
    busy = chance.uniform(0.4, 2.4)
    visits = int(9000 * busy)
    wait = 500 + 500 * busy * chance.uniform(0.5, 1.7)
    old = wait * chance.uniform(0.8, 1.5)
    people = round(5 + 5 * busy)
    peers = Peers(lower=700.0, median=900.0, upper=1100.0, count=5)
    comparisons = {
        WAIT: Comparison(
            measure=WAIT,
            today=Estimate(value=wait, lower=wait * 0.96, upper=wait * 1.04, count_rows=visits),
            peers=peers,
            standard=900.0,
        ),
        OLD: Comparison(
            measure=OLD,
            today=Estimate(value=old, lower=old * 0.9, upper=old * 1.1, count_rows=visits // 8),
            peers=peers,
            standard=900.0,
        ),
        "queues.abandoned_share": compare("queues.abandoned_share", 0.05 * busy, 0.05, visits),
        "channels.diversion_share": compare("channels.diversion_share", 0.6, 0.62, visits * 4),
        "economics.aum_per_head": compare(
            "economics.aum_per_head", 21_400_000 * busy**0.3, 22_000_000, 60
        ),
        "devices.per_1000_visits": compare("devices.per_1000_visits", 2.1 / busy, 1.4, 60),
        "economics.cost_per_visit": compare("economics.cost_per_visit", 38.4, 40.0, visits),
    }
    findings = make_findings(branch_id, index, (wait, old), visits)
    return Branch(
        branch_id=branch_id,
        name=f"{NAMES[index % len(NAMES)]}支行",
        region=REGIONS[index % 3],
        branch_type=TYPES[index % 6],
        latitude=30.2 + 0.1 * (index % 3) + chance.uniform(0, 0.12),
        longitude=120.1 + 0.12 * ((index * 5) % 4) + chance.uniform(0, 0.1),
        count_visits=visits,
        count_days=64,
        headcount=Headcount(
            planned=people, present_per_day=people - 1.4, own=people - 2, outsourced=2
        ),
        counters={"high": 3, "low": 2, "corporate": 1},
        devices={"smart_counter": 3, "cash_recycler": 4, "ticket_machine": 1},
        hours=(
            Hours(
                first_weekday=1,
                last_weekday=5,
                business_line="personal",
                opens_minute=510,
                closes_minute=1020,
            ),
            Hours(
                first_weekday=1,
                last_weekday=5,
                business_line="corporate",
                opens_minute=510,
                closes_minute=1020,
                lunch_starts_minute=720,
                lunch_ends_minute=810,
            ),
        ),
        comparisons=comparisons,
        half_hours=make_day(busy, wait),
        services=make_services(visits),
        findings=findings,
        trust=make_trust(index),
    )


def compare(measure, value, median, rows):
    return Comparison(
        measure=measure,
        today=Estimate(value=value, lower=value * 0.97, upper=value * 1.03, count_rows=rows),
        peers=Peers(lower=median * 0.9, median=median, upper=median * 1.1, count=5),
        standard=MEASURES[measure].standard,
    )


def make_findings(branch_id, index, waits, visits):
    wait, old = waits
    if wait < 1100:
        return ()
    spot = Spot(
        branch_id=branch_id,
        hits="late",
        iso_weekday=3,
        starts_minute=600,
        ends_minute=630,
        business_line="corporate",
        share=0.3,
        customers_affected=210.0,
        authorisation_share=0.31,
        windows_short=1,
    )
    shared = {
        "branch_id": branch_id,
        "theme": "waiting",
        "severity": "high",
        "p_value": 0.00001,
        "lower": wait * 0.96,
        "upper": wait * 1.04,
        "count_rows": visits,
        "worse_ratio": wait / 900,
    }
    first = Finding(
        finding_id=f"{branch_id}|{WAIT}|peers",
        measure=WAIT,
        kind="peers",
        value=wait,
        reference=900.0,
        q_value=0.0001,
        peers=("00302", "00303", "00304"),
        peers_scope="like",
        customers_affected=visits / 30,
        money_minor=4_120_000,
        currency="CNY",
        spot=spot,
        rank=1 + index * 2,
        **shared,
    )
    second = Finding(
        finding_id=f"{branch_id}|{OLD}|standard",
        measure=OLD,
        kind="standard",
        value=old,
        reference=900.0,
        q_value=0.004,
        rank=2 + index * 2,
        **shared | {"severity": "medium"},
    )
    return first, second


def make_day(busy, wait):
    return tuple(
        HalfHour(
            minute=minute,
            arrivals=18 * busy * (1 - abs(minute - 630) / 500),
            open_windows=5.0 - (2.0 if 720 <= minute < 810 else 0.0),
            wait_median_seconds=wait * 0.35 * (1 - abs(minute - 660) / 700),
            wait_p90_seconds=wait * 1.1 * (1 - abs(minute - 660) / 700),
            count_rows=300,
        )
        for minute in range(510, 1020, 30)
    )


def make_services(visits):
    return (
        ServiceUse(
            service_id="cash_in",
            name="存款",
            counter_only=0,
            could_migrate=visits // 4,
            machine=visits // 3,
        ),
        ServiceUse(
            service_id="cash_out",
            name="取款",
            counter_only=visits // 9,
            could_migrate=visits // 6,
            machine=visits // 2,
        ),
        ServiceUse(
            service_id="card",
            name="開卡",
            counter_only=0,
            could_migrate=visits // 12,
            machine=visits // 8,
        ),
        ServiceUse(
            service_id="corp", name="對公結算", counter_only=visits // 7, could_migrate=0, machine=0
        ),
    )


def make_trust(index):
    if index % 4 != 1:
        return Trust()
    level = "poor" if index % 8 == 1 else "fair"
    return Trust(
        doubts=(
            Doubt(
                level=level,
                what=text(
                    "32 % of tickets have no end.",
                    "32%的號票沒有結束時間。",
                    "32%的号票没有结束时间。",
                ),
                mend=text(
                    "Turn on the end event of the queue machine.",
                    "請開啟叫號機的結束事件。",
                    "请开启叫号机的结束事件。",
                ),
            ),
        )
    )


def make_funnel(branches):
    points = []
    for branch in branches:
        reach = 260 * (9000 / branch.count_visits) ** 0.5 + 120
        points.append(
            FunnelPoint(
                branch_id=branch.branch_id,
                size=branch.count_visits,
                value=branch.comparisons[WAIT].today.value,
                reference=900.0,
                lower=900 - reach,
                upper=900 + reach,
            )
        )
    return Funnel(measure=WAIT, points=tuple(points))


def stitching_of(branch_id, source):
    """Return one clock that is right, one slow, one wandering, one that cannot be told."""
    of = {"branch_id": branch_id, "data_source_id": source.data_source_id, "side": "services"}
    if branch_id.endswith("4"):
        return Stitching(**of, count=4000, reason="no_agreement")
    drift, lower, upper = {"1": (-430, -451, -420), "2": (95, -80, 280)}.get(
        branch_id[-1], (-4, -27, 10)
    )
    return Stitching(
        **of,
        count=4000,
        count_stitched=3592,
        share_stitched=0.898,
        drift_seconds=drift,
        drift_lower_seconds=lower,
        drift_upper_seconds=upper,
        is_steady=not branch_id.endswith("2"),
    )


def make_loading(branches, chance):
    sources = (
        Source(data_source_id="queue", name="queue", system="queue_machine", count_rows=182_113),
        Source(data_source_id="core", name="core", system="core_banking", count_rows=804_112),
    )
    coverage = []
    for source in sources:
        for branch in branches:
            gap = chance.choice((0, 0, 0, 0, 5))
            middle = FIRST + timedelta(days=chance.randint(20, 60))
            spells = ((FIRST, LAST),)
            if gap:
                spells = ((FIRST, middle), (middle + timedelta(days=gap + 1), LAST))
            tickets = source.system == "queue_machine"
            coverage.append(
                Coverage(
                    branch_id=branch.branch_id,
                    data_source_id=source.data_source_id,
                    spells=spells,
                    count_days=64 - gap,
                    count_missing=gap,
                    count_rows=branch.count_visits,
                    share_endless=chance.uniform(0, 0.05) if tickets else None,
                    share_suspect=chance.choice((0.001, 0.034)) if tickets else None,
                    stitching=stitching_of(branch.branch_id, source) if tickets else None,
                )
            )
    return Loading(
        sources=sources,
        coverage=tuple(coverage),
        repairs=(
            RepairRule(
                rule="clock_shift",
                table="visit",
                column="arrived_at",
                action="shifted",
                count=1840,
                examples=(("2026-03-10 17:02", "2026-03-10 09:02"),),
            ),
            RepairRule(
                rule="duplicate_key", table="transaction", column="", action="removed", count=212
            ),
        ),
        quarantine=(
            QuarantineLine(
                table="visit",
                rule="required",
                reason="arrived_at is empty",
                count=17,
                examples=("00302-20260310-A023",),
            ),
        ),
        effects=(Effect(rule="clock_shift", measure=WAIT, before=1402.0, after=1284.0),),
        refused=(
            RefusedFile(
                name="叫號/00305.zip",
                code="BW-SRC-004",
                what=text("The archive is cut off.", "壓縮檔不完整。", "压缩档不完整。"),
                remedy=text("Deliver it again.", "請重新提供。", "请重新提供。"),
            ),
        ),
        unmapped_files=("說明.docx",),
    )
