"""Transactions of the core system, of every channel, as fixed-width rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from branchwise.core.randomness import stream
from branchwise.sources.demo.catalogues import MACHINE, products, services
from branchwise.sources.demo.customers import Customers
from branchwise.sources.demo.days import Lived
from branchwise.sources.demo.devices import DAY_SECONDS, Fleet
from branchwise.sources.demo.network import Branch
from branchwise.sources.demo.queue import SERVED
from branchwise.sources.demo.settings import DemoSettings, Floats, Ints
from branchwise.sources.demo.texts import Bytes, clock_digits, digits, fields
from branchwise.sources.demo.visitors import DONE, Visitors

LAYOUT = (  # name, bytes
    ("流水號", 13), ("交易日", 8), ("時間", 6), ("機構", 5), ("柜員", 6), ("交易碼", 4),
    ("渠道", 3), ("金額分", 12), ("手續費分", 9), ("幣種", 3), ("現轉", 1), ("授權柜員", 6),
    ("授權請求", 6), ("授權完成", 6), ("沖正", 1), ("客戶號", 10), ("設備號", 12), ("產品", 4),
    ("會計日", 8), ("業務", 4), ("摘要", 12),
)  # fmt: skip
CHANNELS = ("TLR", "STM", "ATM", "MBK", "BAT")
COUNTER, SMART, ATM, MOBILE, BATCH = range(len(CHANNELS))
ATM_PER_MACHINE_DAY = 10.0
MOBILE_PER_DAY = 35.0
BATCH_PER_DAY = 3
REVERSED_SHARE = 0.004
ACCOUNTING_ENDS = 63000.0
AMOUNT_LOG_SD = 0.9
ATM_SERVICES = ("1001", "1002")
MOBILE_SERVICES = ("1101", "1102", "1301", "1501")
PRODUCT_OF_FAMILY = {"wealth": "P401", "loan": "P301", "card": "P201", "foreign_exchange": "P801"}
PRODUCT_OF_SERVICE = {"1301": "P102", "2301": "P701", "1001": "P101", "1002": "P101"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Postings:
    """The transactions of a branch in order of time, one entry of each array a transaction.

    Attributes
    ----------
    day, service, channel, place, customer, device : array of int
        Number of the day; places in the catalogue, `CHANNELS`, `Lived.names`, the branch's
        customers and its machines; -1 for none.
    at, requested, granted : array of float
        Seconds after midnight; NaN where nothing was authorised.
    amount : array of int
        Minor units.
    is_reversal : array of bool
        Takes back an earlier one.
    """

    day: Ints
    service: Ints
    channel: Ints
    place: Ints
    customer: Ints
    device: Ints
    at: Floats
    requested: Floats
    granted: Floats
    amount: Ints
    is_reversal: Ints


def postings_of(
    settings: DemoSettings,
    branch: Branch,
    *,
    customers: Customers,
    visitors: Visitors,
    lived: Lived,
    fleet: Fleet,
) -> Postings:
    """Return the transactions of a branch: counter, smart counter, cash machines, phones, batch."""
    parts = [
        _at_counter(settings, branch, visitors, lived),
        _at_machines(settings, branch, visitors, lived, fleet),
        _at_cash_machines(settings, branch, fleet),
        _by_phone(settings, branch, customers),
        _in_batch(settings, branch, lived),
    ]
    whole = {
        name: np.concatenate([np.asarray(part[name]) for part in parts])
        for name in Postings.__slots__
    }
    order = np.lexsort((whole["channel"], whole["at"], whole["day"]))
    return Postings(**{name: values[order] for name, values in whole.items()})


def _part(day: Ints, at: Floats, service: Ints, **given: object) -> dict[str, object]:
    count = len(day)
    nobody = np.full(count, -1, dtype=np.int64)
    return {
        "day": day,
        "at": at,
        "service": service,
        "place": nobody,
        "customer": nobody,
        "device": nobody,
        "requested": np.full(count, np.nan),
        "granted": np.full(count, np.nan),
        "is_reversal": np.zeros(count, dtype=np.int64),
        **given,
    }


def _amounts(chance: np.random.Generator, service: Ints) -> Ints:
    median = np.array([found.amount_median for found in services()])[service]
    drawn = np.exp(AMOUNT_LOG_SD * chance.normal(0, 1, len(service)))
    return (100 * np.round(median * drawn)).astype(np.int64)


def _at_counter(
    settings: DemoSettings, branch: Branch, visitors: Visitors, lived: Lived
) -> dict[str, object]:
    chance = stream(settings.seed, "counter postings", branch.branch_id)
    amounts = _amounts(chance, visitors.service)
    taken_back = chance.random(len(visitors.service)) < REVERSED_SHARE
    posts = np.array([bool(found.core_code) for found in services()])
    rows = (lived.skill != MACHINE) & (lived.outcome == SERVED)
    rows = np.flatnonzero(rows & posts[visitors.service[lived.visitor]])
    again = rows[taken_back[lived.visitor[rows]]]
    rows = np.concatenate([rows, again])
    late = np.repeat([0.0, 20.0], [len(rows) - len(again), len(again)])
    visitor = lived.visitor[rows]
    return _part(
        lived.day[rows],
        np.maximum(lived.started[rows], lived.ended[rows] - 10) + late,
        visitors.service[visitor],
        channel=np.full(len(rows), COUNTER),
        place=lived.place[rows],
        customer=visitors.customer[visitor],
        requested=np.where(late > 0, np.nan, lived.requested[rows]),
        granted=np.where(late > 0, np.nan, lived.granted[rows]),
        amount=amounts[visitor],
        is_reversal=(late > 0).astype(np.int64),
    )


def _at_machines(
    settings: DemoSettings, branch: Branch, visitors: Visitors, lived: Lived, fleet: Fleet
) -> dict[str, object]:
    chance = stream(settings.seed, "machine postings", branch.branch_id)
    amounts = _amounts(chance, visitors.service)
    rows = (lived.skill == MACHINE) & (lived.outcome == SERVED)
    rows = np.flatnonzero(rows & (visitors.session[lived.visitor] == DONE))
    visitor = lived.visitor[rows]
    number = {device.device_id: place for place, device in enumerate(fleet.devices)}
    device = np.array([number.get(name, -1) for name in lived.devices] + [-1])
    return _part(
        lived.day[rows],
        lived.ended[rows],
        visitors.service[visitor],
        channel=np.full(len(rows), SMART),
        customer=visitors.customer[visitor],
        device=device[lived.place[rows]],
        amount=amounts[visitor],
    )


def _at_cash_machines(settings: DemoSettings, branch: Branch, fleet: Fleet) -> dict[str, object]:
    """Return uses of cash machines: Poisson over the day, none while a machine is down."""
    chance = stream(settings.seed, "cash machines", branch.branch_id)
    days, ats, numbers = [], [], []
    for number, device in enumerate(fleet.devices):
        if device.kind not in {"atm", "cash_recycler"}:
            continue
        mean = ATM_PER_MACHINE_DAY * branch.demand_factor
        count = chance.poisson(mean, settings.days)
        day = np.repeat(np.arange(settings.days), count)
        at = np.floor(chance.triangular(25200, 43200, 79200, len(day)))
        down = np.zeros(len(day), dtype=bool)
        for event in fleet.events:
            if event.device == number:
                moment = day * DAY_SECONDS + at
                down |= (moment >= event.starts) & (moment < event.ends)
        days.append(day[~down])
        ats.append(at[~down])
        numbers.append(np.full(int((~down).sum()), number))
    day, at, device_number = (np.concatenate(part) for part in (days, ats, numbers))
    service = _one_of(chance, ATM_SERVICES, len(day))
    return _part(
        day,
        at,
        service,
        channel=np.full(len(day), ATM),
        device=device_number,
        amount=(_amounts(chance, service) // 3 // 10000 + 1) * 10000,
    )


def _by_phone(settings: DemoSettings, branch: Branch, customers: Customers) -> dict[str, object]:
    chance = stream(settings.seed, "mobile", branch.branch_id)
    mean = MOBILE_PER_DAY * branch.form.visits_per_day / 150
    day = np.repeat(np.arange(settings.days), chance.poisson(mean, settings.days))
    users = np.flatnonzero(customers.has_mobile)
    service = _one_of(chance, MOBILE_SERVICES, len(day))
    return _part(
        day,
        np.floor(chance.triangular(21600, 70000, 86000, len(day))),
        service,
        channel=np.full(len(day), MOBILE),
        customer=users[chance.integers(len(users), size=len(day))],
        amount=_amounts(chance, service),
    )


def _in_batch(settings: DemoSettings, branch: Branch, lived: Lived) -> dict[str, object]:
    chance = stream(settings.seed, "batch", branch.branch_id)
    day = np.repeat(np.unique(lived.day), BATCH_PER_DAY)
    service = np.full(len(day), _number_of("2301"))
    return _part(
        day,
        np.floor(chance.uniform(300, 7200, len(day))),
        service,
        channel=np.full(len(day), BATCH),
        amount=_amounts(chance, service),
    )


def _one_of(chance: np.random.Generator, codes: tuple[str, ...], count: int) -> Ints:
    return np.array([_number_of(code) for code in codes])[chance.integers(len(codes), size=count)]


def _number_of(code: str) -> int:
    return next(number for number, found in enumerate(services()) if found.service_id == code)


def product_of_service() -> list[str]:
    """Return the product that a transaction of each service belongs to, or an empty text."""
    known = {product.product_id for product in products()}
    chosen = [
        PRODUCT_OF_SERVICE.get(found.service_id) or PRODUCT_OF_FAMILY.get(found.family, "")
        for found in services()
    ]
    return [product if product in known else "" for product in chosen]


def fee_percents() -> Floats:
    """Return the fee of each service's product, in per cent of the amount."""
    fees = {product.product_id: product.fee_percent for product in products()}
    return np.array([fees.get(product, 0.0) for product in product_of_service()])


def posting_rows(
    settings: DemoSettings,
    branch: Branch,
    *,
    customers: Customers,
    lived: Lived,
    fleet: Fleet,
    approvers: list[str],
    postings: Postings,
) -> Bytes:
    """Return the rows as bytes, shape (transactions, width of the layout)."""
    count = len(postings.day)
    constant = np.zeros(count, dtype=np.int64)
    calendar = [f"{date:%Y%m%d}" for date in settings.calendar]
    accounting = np.minimum(postings.day + (postings.at > ACCOUNTING_ENDS), settings.days - 1)
    offered = services()
    service = postings.service
    columns = (
        np.hstack([fields([branch.branch_id], 5, constant), digits(np.arange(1, count + 1), 8)]),
        fields(calendar, 8, postings.day),
        clock_digits(postings.at),
        fields([branch.branch_id], 5, constant),
        fields(lived.staff, 6, postings.place),
        fields([found.core_code for found in offered], 4, service),
        fields(CHANNELS, 3, postings.channel),
        digits(postings.amount, 12),
        digits(np.round(postings.amount * fee_percents()[service] / 100), 9),
        fields(["156"], 3, constant),
        fields(["1" if found.family == "cash" else "2" for found in offered], 1, service),
        fields(approvers, 6, _approver_of(settings, branch, postings)),
        clock_digits(postings.requested),
        clock_digits(postings.granted),
        digits(postings.is_reversal, 1),
        fields(customers.codes, 10, postings.customer),
        fields([device.device_id for device in fleet.devices], 12, postings.device),
        fields(product_of_service(), 4, service),
        fields(calendar, 8, accounting),
        fields([found.service_id for found in offered], 4, service),
        fields([found.name.zh_hant for found in offered], 12, service, encoding="gbk"),
    )
    return np.hstack(columns)


def _approver_of(settings: DemoSettings, branch: Branch, postings: Postings) -> Ints:
    """Return who authorised each transaction, the approvers of the day in turn; -1 for nobody."""
    added = np.array(settings.amounts("approver", branch.branch_id, neutral=0), dtype=np.int64)
    present = branch.approvers + added[postings.day]
    turn = np.arange(len(postings.day)) % present
    return np.where(np.isnan(postings.requested), -1, turn)
