"""The reference day: one branch day as plain numbers, and the outputs asked of every program.

Every program in this folder simulates the day described by `DAY`; no other file holds a number of
it. `python benchmarks/twin/reference_day.py` prints it as a C header for `event_list.c`.

The day, where the numbers alone do not say it:

- Customers arrive as a Poisson process, its rate constant within each quarter of an hour, until
  closing time. The class of each is drawn independently. Whoever is inside at closing time is
  served.
- Each takes a ticket at a kiosk (one queue, first come first served, nobody leaves it). The
  *ticket time* is the moment at which the kiosk hands the ticket over.
- A share of some classes then goes to the smart counters: one queue for all classes, by ticket
  time. A session takes its full time and then fails with a fixed probability. Whoever failed joins
  the teller queue at that moment, in the place that the original ticket time gives, with a patience
  drawn afresh.
- Tellers and the VIP desk draw on the same waiting customers: VIPs first, then elderly, then
  others, by ticket time inside a priority, never interrupting a service. The service law goes with
  the customer, not with the server. A customer who finds idle servers of both kinds takes the VIP
  desk if a VIP, else a teller.
- Corporate customers have a queue and a desk of their own.
- The number of open tellers changes on the hour. A teller begins a service only while fewer
  tellers are at work than are open: when the number drops, idle counters close first, and counters
  too many finish the customer at hand. The number of the last hour stays until the branch is empty.
- Patience is counted from joining a queue, for each queue anew. Who runs out of it while waiting
  leaves the branch; who is being served never leaves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

CLASSES = ("ordinary", "vip", "corporate", "elderly")
ORDINARY, VIP, CORPORATE, ELDERLY = range(len(CLASSES))
PER_CLASS = ("mean_wait", "share_abandoned", "share_over_limit")


@dataclass(frozen=True, slots=True)
class Lognormal:
    """A lognormal time by its mean [s] and coefficient of variation."""

    mean: float
    cv: float

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm."""
        return math.sqrt(math.log1p(self.cv**2))

    @property
    def mu(self) -> float:
        """Mean of the logarithm."""
        return math.log(self.mean) - self.sigma**2 / 2


@dataclass(frozen=True, slots=True)
class ReferenceDay:
    """The day; times of day in seconds after midnight, everything else in seconds or shares.

    `arrivals` is the expected number of customers of each quarter of an hour; tuples of four go by
    `CLASSES`, `tellers` by the hour from opening.
    """

    opens: float = 32_400.0
    closes: float = 61_200.0
    quarter: float = 900.0
    arrivals: tuple[float, ...] = (
        *(5.0, 7.0, 10.0, 13.0),
        *(15.0, 15.0, 13.0, 11.0),
        *(9.0, 8.0, 7.0, 6.5),
        *(6.0, 6.0, 6.5, 7.0),
        *(8.0, 9.0, 10.5, 12.0),
        *(13.0, 14.0, 14.0, 13.0),
        *(11.0, 9.5, 8.5, 8.0),
        *(7.5, 6.5, 5.5, 5.0),
    )
    class_share: tuple[float, ...] = (0.70, 0.10, 0.10, 0.10)
    smart_share: tuple[float, ...] = (0.60, 0.0, 0.0, 0.20)
    priority: tuple[int, ...] = (2, 0, 0, 1)  # smaller goes first; corporate alone in its queue
    kiosks: int = 2
    kiosk_mean: float = 20.0
    smart_counters: int = 3
    smart: Lognormal = Lognormal(240.0, 0.8)
    smart_failure: float = 0.12
    tellers: tuple[int, ...] = (2, 3, 4, 5, 3, 4, 5, 3)
    teller: Lognormal = Lognormal(270.0, 0.9)
    vip: Lognormal = Lognormal(420.0, 0.7)
    corporate: Lognormal = Lognormal(600.0, 0.8)
    patience_mean: float = 1_500.0
    wait_limit: float = 600.0


DAY = ReferenceDay()


@dataclass(frozen=True, slots=True)
class Tally:
    """What happened, day by day.

    `customers` `[day, class, what]` with `what` = count, sum of waits [s], abandoned, waited longer
    than the limit; `failed` sessions and `teller_busy` [s] `[day]`. A customer's wait is the time
    spent in all queues after the ticket, of whoever abandoned too; a service counts as busy time in
    full, whenever it ends.
    """

    customers: np.ndarray
    failed: np.ndarray
    teller_busy: np.ndarray


def outputs() -> tuple[str, ...]:
    """Name every output in order."""
    of_classes = (f"{name}.{what}" for name in CLASSES for what in PER_CLASS)
    return ("customers", "failed_sessions", "teller_utilisation", *of_classes)


def summarise(tally: Tally) -> dict[str, list[float]]:
    """Estimate every output with its standard error, as `[value, error]`.

    Shares and mean waits are ratios of sums over all days; their errors follow from the spread of
    the days' residuals (delta method), since customers of one day are not independent. The error of
    a share is at least that of one customer, so that a share of none has one.
    """
    open_seconds = sum(DAY.tellers) * (DAY.closes - DAY.opens) / len(DAY.tellers)
    summary = {
        "customers": _mean(tally.customers[:, :, 0].sum(axis=1)),
        "failed_sessions": _mean(tally.failed),
        "teller_utilisation": _mean(tally.teller_busy / open_seconds),
    }
    for index, name in enumerate(CLASSES):
        count = tally.customers[:, index, 0]
        for position, what in enumerate(PER_CLASS, start=1):
            value, error = _ratio(tally.customers[:, index, position], count)
            least = 0.0 if what == "mean_wait" else float(1 / count.sum())
            summary[f"{name}.{what}"] = [value, max(error, least)]
    return summary


def total_customers(tally: Tally) -> int:
    """Count the customers of all days."""
    return int(tally.customers[:, :, 0].sum())


def c_header() -> str:
    """Write the day as C macros."""
    macros: dict[str, Any] = {
        "DAY_SECONDS": DAY.closes - DAY.opens,
        "QUARTER_SECONDS": DAY.quarter,
        "QUARTERS": len(DAY.arrivals),
        "ARRIVALS": DAY.arrivals,
        "CLASSES": len(CLASSES),
        "CLASS_NAMES": CLASSES,
        "CLASS_SHARE": DAY.class_share,
        "SMART_SHARE": DAY.smart_share,
        "PRIORITY": DAY.priority,
        "KIOSKS": DAY.kiosks,
        "KIOSK_MEAN": DAY.kiosk_mean,
        "SMART_COUNTERS": DAY.smart_counters,
        "SMART_FAILURE": DAY.smart_failure,
        "HOURS": len(DAY.tellers),
        "MOST_TELLERS": max(DAY.tellers),
        "TELLERS": DAY.tellers,
        "PATIENCE_MEAN": DAY.patience_mean,
        "WAIT_LIMIT": DAY.wait_limit,
    }
    macros |= {name.upper(): index for index, name in enumerate(CLASSES)}
    for name in ("smart", "teller", "vip", "corporate"):
        law: Lognormal = getattr(DAY, name)
        macros |= {f"{name.upper()}_MU": law.mu, f"{name.upper()}_SIGMA": law.sigma}
    lines = (f"#define {name} {_c_value(value)}\n" for name, value in macros.items())
    return "/* Written by reference_day.py. */\n" + "".join(lines)


def _mean(values: np.ndarray) -> list[float]:
    return [float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values)))]


def _ratio(above: np.ndarray, below: np.ndarray) -> list[float]:
    ratio = above.sum() / below.sum()
    spread = (above - ratio * below).std(ddof=1)
    return [float(ratio), float(spread / math.sqrt(len(below)) / below.mean())]


def _c_value(value: float | str | tuple[Any, ...]) -> str:
    if isinstance(value, tuple):
        return "{" + ", ".join(_c_value(one) for one in value) + "}"
    return f'"{value}"' if isinstance(value, str) else repr(value)


if __name__ == "__main__":
    print(c_header(), end="")
