"""Regions and branches: places, types, hours, and the parameters that make each its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from branchwise.core.calendar import is_public_holiday
from branchwise.core.randomness import stream
from branchwise.sources.demo import ills
from branchwise.sources.demo.settings import DemoSettings

REGIONS = (
    ("R1", "東江", 31.2, 118.4),
    ("R2", "南湖", 28.7, 115.9),
    ("R3", "西陵", 30.4, 111.3),
    ("R4", "北原", 34.6, 113.8),
)
ROADS = (
    "人民路", "中山路", "解放路", "文化路", "建設路", "和平路", "新華路", "長安街", "濱河路",
    "學府路",
    "工業路", "光明路", "春熙街", "湖濱路", "站前路", "開發區", "古城街", "東門", "西門", "青年路",
)  # fmt: skip
TYPE_CYCLE = (
    "flagship", "comprehensive", "light", "county", "comprehensive",
    "community", "comprehensive", "light", "comprehensive", "county",
)  # fmt: skip
SUFFIX = {
    "flagship": "分行營業部",
    "comprehensive": "支行",
    "light": "輕型支行",
    "community": "社區支行",
    "county": "縣支行",
}
SPARE_WINDOWS = {"over_equipped": 1, "under_equipped": -2, "elderly_wait": -1}
LEAST_WINDOWS = 2
CORPORATE_FACTOR = 1.4
"""Multiple of corporate demand where corporate tellers are missing."""
SHORT_WEEK = 5
SATURDAY = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchType:
    """What branches of one type have in common: size and hours.

    Attributes
    ----------
    visits_per_day : float
        Personal visitors on an average day who come for a counter or smart counter service.
    corporate_per_day : float
        Corporate visitors on an average working day.
    windows, corporate_windows, advisors, smart_counters, cash_machines : int
        Windows and machines.
    plan : tuple of int
        Personal windows that the roster has open until 11:30, 13:30, 15:30 and closing; those
        beyond are on call.
    called_at : int
        Waiting visitors that call the first window on call, each further one one more.
    open_days : int
        Days of the week on which personal business is open: 5, 6 or 7.
    opens_minute, closes_minute : int
        Personal hours, minutes after midnight.
    lunch : tuple of int or None
        Closed over lunch.
    floor_area_m2 : float
        Floor.
    """

    visits_per_day: float
    corporate_per_day: float
    windows: int
    plan: tuple[int, int, int, int]
    called_at: int
    corporate_windows: int
    advisors: int
    smart_counters: int
    cash_machines: int
    open_days: int
    opens_minute: int
    closes_minute: int
    lunch: tuple[int, int] | None
    floor_area_m2: float


TYPES = {
    "flagship": BranchType(
        visits_per_day=215, corporate_per_day=36, windows=5, plan=(2, 1, 1, 1), called_at=3,
        corporate_windows=2, advisors=3,
        smart_counters=4, cash_machines=4, open_days=7, opens_minute=540, closes_minute=1020,
        lunch=None, floor_area_m2=900,
    ),
    "comprehensive": BranchType(
        visits_per_day=155, corporate_per_day=26, windows=4, plan=(1, 1, 1, 1), called_at=3,
        corporate_windows=2, advisors=2,
        smart_counters=3, cash_machines=3, open_days=6, opens_minute=540, closes_minute=1020,
        lunch=None, floor_area_m2=480,
    ),
    "light": BranchType(
        visits_per_day=112, corporate_per_day=0, windows=3, plan=(1, 1, 1, 1), called_at=2,
        corporate_windows=0, advisors=1,
        smart_counters=3, cash_machines=2, open_days=6, opens_minute=540, closes_minute=1020,
        lunch=None, floor_area_m2=220,
    ),
    "community": BranchType(
        visits_per_day=100, corporate_per_day=0, windows=3, plan=(1, 1, 1, 1), called_at=2,
        corporate_windows=0, advisors=1,
        smart_counters=2, cash_machines=2, open_days=6, opens_minute=540, closes_minute=1050,
        lunch=None, floor_area_m2=160,
    ),
    "county": BranchType(
        visits_per_day=122, corporate_per_day=8, windows=4, plan=(1, 1, 1, 1), called_at=3,
        corporate_windows=1, advisors=1,
        smart_counters=2, cash_machines=2, open_days=5, opens_minute=510, closes_minute=1020,
        lunch=(720, 840), floor_area_m2=300,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One branch with the parameters of its truth.

    Attributes
    ----------
    branch_id, region_id, name, branch_type : str
        Who it is.
    latitude, longitude : float
        Where, WGS 84.
    form : BranchType
        What it has in common with its type.
    ill : str or None
        Name of the planted ill.
    demand_factor, elderly_share, machine_share : float
        Multiple of the type's demand, share of visitors of 60 and more, share of eligible
        visitors who choose a smart counter.
    approvers : int
        People on duty who may authorise.
    response_seconds : float
        Mean time until one of them comes.
    elderly_priority : int
        Priority of visitors of 60 and more.
    empty_call_share : float
        Empty calls as a share of genuine tickets.
    uses_roc_years : bool
        Its ticket machine writes years of the Republic of China.
    spare_windows : int
        Windows beyond those of the type, planned to be open all day; negative: on call windows
        that are missing.
    corporate_factor : float
        Multiple of the type's corporate demand.
    """

    branch_id: str
    region_id: str
    name: str
    branch_type: str
    latitude: float
    longitude: float
    form: BranchType
    ill: str | None
    demand_factor: float
    elderly_share: float
    machine_share: float
    approvers: int
    response_seconds: float
    elderly_priority: int
    empty_call_share: float
    uses_roc_years: bool
    spare_windows: int
    corporate_factor: float

    @property
    def windows(self) -> int:
        """Personal windows that it has."""
        return max(LEAST_WINDOWS, self.form.windows + self.spare_windows)

    def is_open(self, day: date, closed: frozenset[date]) -> bool:
        """Say whether personal business is open on a day."""
        return day.isoweekday() <= self.form.open_days and day not in closed


def closed_days(settings: DemoSettings) -> frozenset[date]:
    """Return the public holidays of mainland China within the days of the bank and around them."""
    around = [
        settings.starts_on + timedelta(days=number) for number in range(-1, settings.days + 1)
    ]
    return frozenset(day for day in around if is_public_holiday(day, "CN"))


def regions(settings: DemoSettings) -> tuple[tuple[str, str, float, float], ...]:
    """Return code, name, latitude and longitude of the regions in use: at most four."""
    return REGIONS[: min(len(REGIONS), max(1, settings.branches // 3))]


def branches(settings: DemoSettings) -> tuple[Branch, ...]:
    """Return the branches of the bank with their planted ills.

    Examples
    --------
    >>> [branch.branch_id for branch in branches(DemoSettings(branches=3))]
    ['00101', '00102', '00103']
    """
    used = regions(settings)
    places = [
        (used[number * len(used) // settings.branches], number)
        for number in range(settings.branches)
    ]
    identities = tuple(
        f"{int(region[0][1:]):03d}{1 + number - _first(places, region):02d}"
        for region, number in places
    )
    kinds = [TYPE_CYCLE[number % len(TYPE_CYCLE)] for number in range(settings.branches)]
    low = used[-1][0] if len(used) > 1 else ""
    places_of_ills = tuple(
        ills.Site(branch_id=code, region_id=region[0], branch_type=name, is_ailing=region[0] == low)
        for code, name, (region, _) in zip(identities, kinds, places, strict=True)
    )
    planted = ills.plant(places_of_ills, settings.seed)
    roc = next((code for code in identities if code not in planted), identities[0])
    return tuple(
        _branch(
            settings,
            code,
            region,
            branch_type=name,
            number=number,
            ill=planted.get(code),
            is_roc=code == roc,
            low_region=low,
        )
        for code, name, (region, number) in zip(identities, kinds, places, strict=True)
    )


def _first(places: list[tuple[tuple[str, str, float, float], int]], region: object) -> int:
    return min(number for found, number in places if found == region)


def _branch(
    settings: DemoSettings,
    code: str,
    region: tuple[str, str, float, float],
    *,
    branch_type: str,
    number: int,
    ill: str | None,
    is_roc: bool,
    low_region: str,
) -> Branch:
    chance = stream(settings.seed, "branch", code)
    away = chance.normal(0, 0.25, 2)
    demand = float(np.exp(chance.normal(0, 0.08)))
    elderly = {"county": 0.42, "community": 0.40}.get(branch_type, 0.28)
    machine = 0.55 * float(np.exp(chance.normal(0, 0.06)))
    response = 45.0 * float(np.exp(chance.normal(0, 0.15)))
    road = "" if branch_type == "flagship" else ROADS[number % len(ROADS)]
    size = ills.kind(ill).size if ill else 1.0
    return Branch(
        branch_id=code,
        region_id=region[0],
        name=f"{region[1]}{road}{SUFFIX[branch_type]}",
        branch_type=branch_type,
        latitude=round(region[2] + float(away[0]), 5),
        longitude=round(region[3] + float(away[1]), 5),
        form=TYPES[branch_type],
        ill=ill,
        demand_factor=size if ill in {"under_equipped", "over_equipped"} else demand,
        elderly_share=elderly + 0.04 * float(chance.uniform(-1, 1)),
        machine_share=machine * (ills.LOW_MIGRATION.size if region[0] == low_region else 1.0),
        approvers=1 if ill == "slow_authorisation" or branch_type in {"light", "community"} else 2,
        response_seconds=size if ill == "slow_authorisation" else response,
        elderly_priority=-1 if ill == "elderly_wait" else 1,
        empty_call_share=size if ill == "gamed_tickets" else 0.0,
        uses_roc_years=is_roc,
        spare_windows=SPARE_WINDOWS.get(ill or "", 0),
        corporate_factor=CORPORATE_FACTOR if ill == "skill_gap_corporate" else 1.0,
    )
