"""What weeks of a branch come to as plain values, many draws at once and without intervals.

The definitions are those of `measures`, on which the tests hold them. Waits of all customers are
those of *tickets*: a bank does not record who waits at a machine, so what is promised of waits
must not count them. Machines stand beside, by class.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from branchwise.twin.laws import Floats
from branchwise.twin.measures import machines_alone_fail
from branchwise.twin.reading import MACHINES
from branchwise.twin.scenario import CustomerClass, Station
from branchwise.twin.waits import SUMS, Waits, waits_from
from branchwise.twin.weeks import Week

WEEKS_PER_MONTH = 365.25 / 12 / 7
HOUR = 3600.0
ELDERLY = "elderly"
APPROVER = "approver"

Key = tuple[str, str | None, str | None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Values:
    """Values of measures, draw by draw.

    Attributes
    ----------
    units : mapping of key to str
        By measure, class and station; names in ``core.units``.
    rows : mapping of key to array, shape (draws, 1 + weeks) or (draws, 1)
        Of all weeks of the draw, and then, except of single classes, of all but the first, all
        but the second …; NaN where there is nothing to measure.
    """

    units: Mapping[Key, str]
    rows: Mapping[Key, Floats]

    @property
    def draws(self) -> int:
        """Number of draws."""
        return max((len(found) for found in self.rows.values()), default=0)

    def followed_by(self, other: Values) -> Values:
        """Return the values of these draws and of further ones."""
        rows = {}
        for key in dict.fromkeys([*self.rows, *other.rows]):
            parts = [each.rows.get(key) for each in (self, other)]
            width = max(part.shape[1] for part in parts if part is not None)
            rows[key] = np.concatenate(
                [
                    np.full((each.draws, width), np.nan) if part is None else part
                    for each, part in zip((self, other), parts, strict=True)
                ]
            )
        return Values(units={**self.units, **other.units}, rows=rows)


def values_of(
    weeks: Sequence[Week],
    *,
    machines: Collection[str] = (),
    weeks_per_month: float = WEEKS_PER_MONTH,
) -> Values:
    """Return every measure of each draw's weeks.

    Parameters
    ----------
    weeks : sequence of Week
        One a draw, with the same classes, stations and pools, in the same number of weeks.
    machines : collection of str
        Classes that come for a machine: they draw no ticket, and no bank records their waits.
    weeks_per_month : float
        What a month has of such weeks; fewer where holidays count.

    Returns
    -------
    Values
        Of customers (all with a ticket, the elderly among them, each class), stations and pools.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> from branchwise.twin.run import simulate
    >>> from branchwise.twin.weeks import day_of
    >>> week = day_of(simulate(corner_branch(), replications=4, seed=1))
    >>> found = values_of([week]).rows["queues.within_standard_share", None, None]
    >>> found.shape, bool(0 < found[0, 0] < 1)
    ((1, 5), True)
    """
    drawn = _Drawn.of(weeks, weeks_per_month)
    units: dict[Key, str] = {}
    rows: dict[Key, Floats] = {}

    def note(measure: str, unit: str, value: Floats, *, kind: str | None = None,
             station: str | None = None) -> None:  # fmt: skip
        units[measure, kind, station] = unit
        rows[measure, kind, station] = value

    _note_customers(note, drawn, frozenset(machines))
    _note_machines(note, drawn)
    _note_stations(note, drawn)
    _note_pools(note, drawn)
    return Values(units=units, rows=rows)


Note = Callable[..., None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Drawn:
    """Sums of all draws: of all weeks of a draw first, then without one after the other."""

    kinds: Mapping[str, CustomerClass]
    posts: Mapping[str, Station]
    classes: tuple[str, ...]
    stations: tuple[str, ...]
    pools: tuple[str, ...]
    by_class: Mapping[str, Floats]
    by_station: Mapping[str, Floats]
    by_pool: Mapping[str, Floats]
    waits: Floats
    """Of shape (draws, weeks, classes, 2, bins)."""
    weeks: Floats
    per_month: float
    days: int
    standard: float
    is_failback: bool

    @classmethod
    def of(cls, weeks: Sequence[Week], per_month: float) -> _Drawn:
        first = weeks[0]
        bins = max(week.waits.shape[-1] for week in weeks)
        waits = np.zeros((len(weeks), *first.waits.shape[:-1], bins))
        for place, week in enumerate(weeks):
            waits[place, ..., : week.waits.shape[-1]] = week.waits
        count = first.waits.shape[0]

        def parts(name: str) -> dict[str, Floats]:
            whole = [getattr(week, name) for week in weeks]
            return {key: _left_out(np.stack([part[key] for part in whole])) for key in whole[0]}

        return cls(
            kinds={each.name: each for day in first.scenarios for each in day.classes},
            posts={each.name: each for day in first.scenarios for each in day.stations},
            classes=first.classes,
            stations=first.stations,
            pools=first.pools,
            by_class=parts("by_class"),
            by_station=parts("by_station"),
            by_pool=parts("by_pool"),
            waits=waits,
            weeks=_left_out(np.ones((len(weeks), count))),
            per_month=per_month,
            days=len(first.scenarios),
            standard=first.scenarios[0].standard_seconds,
            is_failback=machines_alone_fail(first.scenarios[0]),
        )

    def monthly(self, count: Floats) -> Floats:
        """Return a count as one of a month."""
        return count / self.weeks[:, : count.shape[1]] * self.per_month


def _note_customers(note: Note, drawn: _Drawn, machines: frozenset[str]) -> None:
    """Note measures of all with a ticket, of the elderly among them, and of each class."""
    names = list(enumerate(drawn.classes))
    ticketed = [place for place, name in names if name not in machines]
    old = [place for place in ticketed if drawn.kinds[drawn.classes[place]].is_elderly]
    whole: dict[str | None, list[int]] = {None: ticketed, ELDERLY: old}
    single: dict[str | None, list[int]] = {
        name: [place] for place, name in names if name != ELDERLY or [place] != old
    }
    _note_groups(note, drawn, whole, weeks=True)
    _note_groups(note, drawn, single, weeks=False)


def _note_groups(
    note: Note, drawn: _Drawn, groups: Mapping[str | None, list[int]], *, weeks: bool
) -> None:
    """Note measures of groups of classes, with the weeks left out in turn or without."""
    used = {name: places for name, places in groups.items() if places}
    if not used:
        return
    curves = _curves(drawn, list(used.values()), weeks=weeks)
    moments = {"mean": curves.mean(), "p50": curves.quantile(0.5), "p90": curves.quantile(0.9)}
    shape = (len(used), len(drawn.waits), -1)
    waits = {name: found.reshape(shape) for name, found in moments.items()}
    within, late = (
        found.reshape(shape) for found in (curves.within(), curves.lost_after_standard())
    )
    kept = slice(None) if weeks else slice(1)
    for group, (name, places) in enumerate(used.items()):
        for moment, found in waits.items():
            note(f"queues.wait_{moment}_seconds", "s", found[group], kind=name)
        note("queues.within_standard_share", "share", within[group], kind=name)
        counts = {
            key: values[:, kept][..., places].sum(axis=-1) for key, values in drawn.by_class.items()
        }
        _note_counts(note, drawn, name, counts, late[group])
        if name == ELDERLY:
            for moment in ("mean", "p90"):
                note(f"queues.elderly_wait_{moment}_seconds", "s", waits[moment][group])


def _note_counts(
    note: Note, drawn: _Drawn, name: str | None, counts: Mapping[str, Floats], late: Floats
) -> None:
    """Note shares and monthly numbers of some customers."""
    came, served = counts["customers"], counts["served"]
    waited = came - counts["balked"]
    lost = counts["abandoned"] + counts["sent_away"]
    note("queues.wait_served_mean_seconds", "s",
         _divided(counts["wait_served_seconds"], served), kind=name)  # fmt: skip
    note("queues.abandoned_share", "share", _divided(lost, waited), kind=name)
    note("twin.balked_share", "share", _divided(counts["balked"], came), kind=name)
    in_time = counts["within_standard"]
    note("plan.late_or_lost_per_month", "visit", drawn.monthly(came - in_time), kind=name)
    note("plan.late_per_month", "visit", drawn.monthly(served - in_time + late), kind=name)
    note("plan.served_per_month", "visit", drawn.monthly(served), kind=name)
    hours = counts["wait_seconds"] / HOUR
    note("plan.waiting_hours_per_month", "h", drawn.monthly(hours), kind=name)


def _note_machines(note: Note, drawn: _Drawn) -> None:
    """Note how much is done at machines, and how much of it comes back."""
    kinds = [drawn.posts[name].kind in MACHINES for name in drawn.stations]
    if not any(kinds):
        return
    of = {name: values[..., kinds].sum(axis=-1) for name, values in drawn.by_station.items()}
    failed = drawn.by_class["failed_back"].sum(axis=-1)
    services = drawn.by_station["services"].sum(axis=-1)
    if drawn.is_failback:
        note("queues.failback_share", "share", _divided(failed, of["services"]))
        done = of["services"] - failed
        note("twin.machine_share", "share", _divided(done, services - failed))
    note("devices.uses_per_device_hour", "per_hour",
         _divided(of["services"], of["open_seconds"] / HOUR))  # fmt: skip
    up = of["open_seconds"] - of["down_seconds"]
    note("devices.availability_share", "share", _divided(up, of["open_seconds"]))


def _note_stations(note: Note, drawn: _Drawn) -> None:
    counters = [drawn.posts[name].kind == "counter" for name in drawn.stations]
    busy, duty = (
        drawn.by_station[name][..., counters].sum(axis=-1)
        for name in ("busy_seconds", "open_seconds")
    )
    note("twin.busy_share", "share", _divided(busy, duty))
    note("twin.overtime_hours_per_month", "h",
         drawn.monthly(drawn.by_station["overtime_seconds"].sum(axis=-1) / HOUR))  # fmt: skip
    for place, name in enumerate(drawn.stations):
        of = {key: values[..., place] for key, values in drawn.by_station.items()}
        note("twin.busy_share", "share", _divided(of["busy_seconds"], of["open_seconds"]),
             station=name)  # fmt: skip
        note("twin.services_per_day", "visit", of["services"] / drawn.weeks / drawn.days,
             station=name)  # fmt: skip
        if drawn.posts[name].failures is not None:
            up = of["open_seconds"] - of["down_seconds"]
            note("devices.availability_share", "share", _divided(up, of["open_seconds"]),
                 station=name)  # fmt: skip


def _note_pools(note: Note, drawn: _Drawn) -> None:
    for place, name in enumerate(drawn.pools):
        asking, requests = (
            drawn.by_pool[key][..., place] for key in ("asking_seconds", "requests")
        )
        note("twin.request_mean_seconds", "s", _divided(asking, requests), station=name)
        if name == APPROVER:
            note("queues.authorisation_mean_seconds", "s", _divided(asking, requests))


def _curves(drawn: _Drawn, groups: Sequence[Sequence[int]], *, weeks: bool) -> Waits:
    """Return the waits of groups of classes as curves: group after group, draw after draw."""
    bins = drawn.waits.shape[-1]
    summed = np.stack([drawn.waits[:, :, places].sum(axis=2) for places in groups])
    flat = summed.reshape(-1, *summed.shape[2:])
    rows = _left_out(flat) if weeks else flat.sum(axis=1, keepdims=True)
    kept = slice(None) if weeks else slice(1)
    sums = {
        name: np.stack([drawn.by_class[name][:, kept][..., places].sum(axis=-1)
                        for places in groups]).reshape(-1)
        for name in SUMS
    }  # fmt: skip
    called, lost = (rows[:, :, part].reshape(-1, bins) for part in (0, 1))
    return waits_from(called, lost, sums, drawn.standard)


def _left_out(counts: Floats) -> Floats:
    """Return sums over the weeks, of shape (draws, 1 + weeks, …): all, and all but each."""
    whole = counts.sum(axis=1, keepdims=True)
    if counts.shape[1] == 1:
        return np.asarray(whole)
    return np.concatenate([whole, whole - counts], axis=1)


def _divided(part: Floats, whole: Floats) -> Floats:
    """Return a quotient; NaN where there is nothing to divide by."""
    empty = np.full(np.shape(whole), np.nan)
    return np.asarray(np.divide(part, whole, out=empty, where=whole > 0))
