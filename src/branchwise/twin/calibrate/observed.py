"""What is compared in a validation: counts of a day's hours and classes, seen or simulated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from branchwise.twin.calibrate.log import NONE, Flags, Floats, Ints, Log
from branchwise.twin.calibrate.model import Estimates
from branchwise.twin.calibrate.parts import turned_round, waits_until_leaving

if TYPE_CHECKING:
    from branchwise.twin.run import Result

HOUR = 3600.0
HOURS = 24
BINS, BIN_SECONDS = 1441, 5.0
CUSTOMERS, LOST, WAITED, SERVED = range(4)
"""Who waited, who gave up, seconds that all waited, who was served."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """Counts over some days.

    Attributes
    ----------
    classes : tuple of str
        Names of the classes at the counter.
    by_hour : array, shape (days, 24, 4)
        Customers who waited, who gave up, seconds waited, and served.
    by_class : array, shape (days, classes, 4)
        The same by class.
    waits : array, shape (classes, 2, 1441)
        Waits in bins of 5 s: called, and lost before.
    """

    classes: tuple[str, ...]
    by_hour: Floats
    by_class: Floats
    waits: Ints

    @classmethod
    def of_result(cls, result: Result, replication: int) -> Seen:
        """Return the counts of one day of a result of less than twenty."""
        slots = {name: values[replication] for name, values in result.by_slot.items()}
        kinds = {name: values[replication] for name, values in result.by_class.items()}
        served = slots["customers"] - slots["abandoned"]
        by_hour = np.stack([slots["customers"], slots["abandoned"], slots["wait_seconds"], served])
        waited = kinds["customers"] - kinds["balked"]
        by_class = np.stack([waited, kinds["abandoned"], kinds["wait_seconds"], kinds["served"]])
        return cls(
            classes=result.classes,
            by_hour=by_hour.reshape(4, 1, HOURS, -1).sum(axis=3).transpose(1, 2, 0),
            by_class=by_class[:, None, :].transpose(1, 2, 0),
            waits=result.waits[(result.first_replication + replication) % len(result.waits)],
        )

    @classmethod
    def of_days(cls, parts: Sequence[Seen]) -> Seen:
        """Return the counts of several days in one."""
        return cls(
            classes=parts[0].classes,
            by_hour=np.concatenate([part.by_hour for part in parts]),
            by_class=np.concatenate([part.by_class for part in parts]),
            waits=np.sum([part.waits for part in parts], axis=0),
        )

    def cells(self, days: Sequence[int] | None = None, hour: int | None = None) -> Floats:
        """Return the four counts over some days and an hour; None: over all."""
        chosen = self.by_hour if days is None else self.by_hour[list(days)]
        return np.asarray((chosen if hour is None else chosen[:, [hour]]).sum(axis=(0, 1)))

    def of_class(self, place: int) -> Floats:
        """Return the four counts of a class over all days."""
        return np.asarray(self.by_class[:, place].sum(axis=0))


def observed_days(log: Log, estimates: Estimates, days: Sequence[date]) -> Seen:
    """Return what was seen at the counter on some days.

    A customer called in vain had left before: how long before is not known; the time is the mean
    under the class's patience. Who is sent away at the end counts as one who waited, not as one
    who gave up; callers who hang up at once are left out (they never waited).

    Parameters
    ----------
    log : Log
        Of the branch, all days.
    estimates : Estimates
        For its classes and hours.
    days : sequence of date
        Days to look at.
    """
    chosen = log.of_days(days)
    chosen = chosen.where(~chosen.is_suspect)
    rows = _queueing(chosen, estimates)
    at_counter = chosen.where(rows)
    codes = estimates.scheme.codes(chosen)[rows]
    names = tuple(group.name for group in estimates.groups if not group.is_machine)
    place = np.full(len(estimates.groups) + 1, NONE)
    counter = [at for at, group in enumerate(estimates.groups) if not group.is_machine]
    place[counter] = np.arange(len(counter))
    waits = waits_until_leaving(
        at_counter, codes, [group.patience.law for group in estimates.groups]
    )
    ends = np.array([estimates.hours[on.isoweekday()].ends for on in chosen.dates])
    away = at_counter.is_walked_out & (at_counter.gone >= ends[at_counter.day] - 1)
    lost = (at_counter.is_walked_out & ~away) | at_counter.is_no_show
    values = np.stack(
        [np.ones(len(waits)), lost, waits, at_counter.is_served.astype(float)], axis=1
    )
    by_hour = np.zeros((len(chosen.dates), HOURS, 4))
    hour = np.clip(at_counter.queued // HOUR, 0, HOURS - 1).astype(np.int64)
    np.add.at(by_hour, (at_counter.day, hour), values)
    by_class = np.zeros((len(chosen.dates), len(names), 4))
    mine = place[codes] >= 0
    np.add.at(by_class, (at_counter.day[mine], place[codes[mine]]), values[mine])
    counted = np.zeros((len(names), 2, BINS), dtype=np.int64)
    bins = np.minimum(waits // BIN_SECONDS, BINS - 1).astype(np.int64)
    ended = (~at_counter.is_served).astype(np.int64)
    np.add.at(counted, (place[codes[mine]], ended[mine], bins[mine]), 1)
    return Seen(classes=names, by_hour=by_hour, by_class=by_class, waits=counted)


def _queueing(chosen: Log, estimates: Estimates) -> Flags:
    """Say which steps are waits at the counter, within the hours, with a known wait."""
    opens = np.array([estimates.hours[on.isoweekday()].opens for on in chosen.dates])
    ends = np.array([estimates.hours[on.isoweekday()].ends for on in chosen.dates])
    first = float(np.flatnonzero(estimates.rates.per_hour.sum(axis=(0, 1))).min(initial=95)) * 900
    early = np.minimum(opens, max(first, 0.0))
    inside = (chosen.arrived >= early[chosen.day]) & (chosen.arrived <= ends[chosen.day])
    return np.asarray(~chosen.is_session & ~np.isnan(chosen.wait) & ~turned_round(chosen) & inside)
