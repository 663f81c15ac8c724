"""Machines: which stand where, when they fail, and how long until they work again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from branchwise.core.randomness import stream
from branchwise.sources.demo.catalogues import DemoModel, device_models
from branchwise.sources.demo.ills import kind
from branchwise.sources.demo.network import Branch
from branchwise.sources.demo.settings import DemoSettings

DAY_SECONDS = 86400.0
BAD_MODEL = "SC-90B"
GOOD_SMART_COUNTERS = ("SC-100", "SC-220")
PREFIX = {
    "smart_counter": "STM",
    "cash_recycler": "CRS",
    "atm": "ATM",
    "ticket_machine": "QMS",
    "passbook_printer": "PBM",
}
ALWAYS = frozenset({"cash_recycler", "atm"})
FAULTS = {  # module, code, cause
    "smart_counter": (
        ("CardReader", "3B21", "讀卡器故障"),
        ("Printer", "5P02", "打印機卡紙"),
        ("Biometric", "7F11", "攝像頭故障"),
    ),
    "cash_recycler": (
        ("CashAcceptor", "2C07", "卡鈔"),
        ("CashDispenser", "2D15", "出鈔失敗"),
        ("CardReader", "3B21", "吞卡"),
    ),
    "atm": (
        ("CashDispenser", "2D15", "卡鈔"),
        ("CardReader", "3B21", "吞卡"),
        ("Printer", "5P02", "憑條缺紙"),
    ),
    "ticket_machine": (("Printer", "5P02", "缺紙"),),
    "passbook_printer": (("Printer", "5P09", "色帶故障"),),
}
CLEARING_SECONDS = 1200.0
CLEARING_EVERY_DAYS = 3
REPAIR_LOG_SD = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One machine."""

    device_id: str
    branch_id: str
    kind: str
    model: DemoModel
    first_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEvent:
    """A spell out of service; seconds after midnight of the first day."""

    device: int
    module: str
    code: str
    cause: str
    is_planned: bool
    starts: float
    ends: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """The machines of a branch and their spells out of service, in order of time."""

    devices: tuple[Device, ...]
    events: tuple[DeviceEvent, ...]

    def working(
        self, device: int, day: int, opens: float, closes: float
    ) -> tuple[tuple[float, float], ...]:
        """Return the spells of a day between two times in which a machine works."""
        midnight = day * DAY_SECONDS
        spells, start = [], opens
        for event in self.events:
            if event.device != device:
                continue
            down, up = event.starts - midnight, event.ends - midnight
            if up <= start or down >= closes:
                continue
            if down > start:
                spells.append((start, down))
            start = max(start, up)
        if start < closes:
            spells.append((start, closes))
        return tuple(spells)


def fleet_of(settings: DemoSettings, branch: Branch) -> Fleet:
    """Draw the machines of a branch and what goes wrong with them."""
    devices = _devices(settings, branch)
    repair = settings.amounts("repair", branch.branch_id, neutral=1)
    events: list[DeviceEvent] = []
    for number, device in enumerate(devices):
        events += _failures(settings, branch, number, device, repair)
        if device.kind in ALWAYS:
            events += _clearings(settings, number, device)
    return Fleet(
        devices=devices,
        events=tuple(sorted(events, key=lambda event: (event.starts, event.device))),
    )


def _devices(settings: DemoSettings, branch: Branch) -> tuple[Device, ...]:
    form = branch.form
    chance = stream(settings.seed, "devices", branch.branch_id)
    smart = (
        BAD_MODEL if branch.ill == "failing_machines" else str(chance.choice(GOOD_SMART_COUNTERS))
    )
    recyclers = (form.cash_machines + 1) // 2
    models = {model.device_model_id: model for model in device_models()}
    wanted = [
        *["QM-5"],
        *[smart] * form.smart_counters,
        *["CR-30"] * recyclers,
        *["AT-12"] * (form.cash_machines - recyclers),
        *(["PP-2"] if branch.branch_type in {"county", "flagship"} else []),
    ]
    added = settings.amounts("devices", branch.branch_id, neutral=0)
    first_day = next((day for day, amount in enumerate(added) if amount), 0)
    first_days = [0] * len(wanted) + [first_day] * int(max(added))
    wanted += [smart] * int(max(added))
    return tuple(
        Device(
            device_id=f"{PREFIX[models[name].kind]}{branch.branch_id}-{number + 1:02d}",
            branch_id=branch.branch_id,
            kind=models[name].kind,
            model=models[name],
            first_day=starts,
        )
        for number, (name, starts) in enumerate(zip(wanted, first_days, strict=True))
    )


def _failures(
    settings: DemoSettings, branch: Branch, number: int, device: Device, repair: tuple[float, ...]
) -> list[DeviceEvent]:
    chance = stream(settings.seed, "failures", device.device_id)
    hours = device.model.mean_hours_to_repair
    if branch.ill == "failing_machines" and device.kind == "smart_counter":
        hours = kind("failing_machines").size
    events: list[DeviceEvent] = []
    at = 0.0
    while True:
        at += chance.exponential(device.model.mean_days_between_failures) * DAY_SECONDS
        if at >= settings.days * DAY_SECONDS:
            return events
        lasts = np.exp(chance.normal(-(REPAIR_LOG_SD**2) / 2, REPAIR_LOG_SD)) * hours * 3600
        lasts /= repair[int(at // DAY_SECONDS)]
        faults = FAULTS[device.kind]
        module, code, cause = faults[int(chance.integers(len(faults)))]
        if at >= device.first_day * DAY_SECONDS:
            events.append(
                DeviceEvent(
                    device=number, module=module, code=code, cause=cause, is_planned=False,
                    starts=float(int(at)), ends=float(int(at + lasts) + 1),
                )
            )  # fmt: skip
        at += lasts


def _clearings(settings: DemoSettings, number: int, device: Device) -> list[DeviceEvent]:
    chance = stream(settings.seed, "clearing", device.device_id)
    days = range(int(chance.integers(CLEARING_EVERY_DAYS)), settings.days, CLEARING_EVERY_DAYS)
    events = []
    for day in days:
        starts = day * DAY_SECONDS + 30600.0 + float(int(chance.uniform(0, 1800)))
        lasts = float(int(CLEARING_SECONDS * np.exp(chance.normal(0, 0.3))))
        events.append(
            DeviceEvent(
                device=number, module="CashManagement", code="9C00", cause="清機加鈔",
                is_planned=True, starts=starts, ends=starts + lasts,
            )
        )  # fmt: skip
    return events


def installed_on(settings: DemoSettings, device: Device) -> str:
    """Return the day on which a machine was put up, as ISO text."""
    if device.first_day:
        return (settings.starts_on + timedelta(days=device.first_day)).isoformat()
    chance = stream(settings.seed, "installed", device.device_id)
    return (settings.starts_on - timedelta(days=int(chance.integers(200, 1800)))).isoformat()
