"""The numbers of a calibration, each with its interval, its rows and its source."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from branchwise.measures.uncertainty import LEVEL, z_quantile
from branchwise.twin.calibrate.fitting import Fitted
from branchwise.twin.calibrate.log import Ints
from branchwise.twin.calibrate.machines import Machines
from branchwise.twin.calibrate.model import Estimates, Parameter, Rates, Source
from branchwise.twin.calibrate.parts import Sight, Times
from branchwise.twin.calibrate.patience import FittedPatience
from branchwise.twin.calibrate.requests import APPROVERS, Requests
from branchwise.twin.calibrate.routing import Tasks
from branchwise.twin.calibrate.schedules import Schedules

HALF_HOURS = 48
ALL = "all"


def lognormal_interval(value: float, error: float) -> tuple[float, float]:
    """Return the 95 % interval of a positive value with a relative standard error.

    Examples
    --------
    >>> [round(limit, 1) for limit in lognormal_interval(100.0, 0.1)]
    [82.2, 121.7]
    """
    half = math.exp(z_quantile() * error)
    return value / half, value * half


def gamma_interval(value: float, error: float) -> tuple[float, float]:
    """Return the 95 % interval of a rate, gamma distributed with a relative standard error."""
    from scipy.special import gammaincinv

    if error <= 0 or value <= 0:
        return value, value
    shape = 1 / error**2
    tail = (1 - LEVEL) / 2
    low, high = gammaincinv(shape, np.array([tail, 1 - tail])) / shape
    return value * float(low), value * float(high)


def share_interval(count: int, whole: int) -> tuple[float, float]:
    """Return Jeffreys' 95 % interval of a share [1]_.

    References
    ----------
    .. [1] Brown, Cai and DasGupta (2001), Interval estimation for a binomial proportion,
       Stat. Sci. 16, doi:10.1214/ss/1009213286.

    Examples
    --------
    >>> [round(limit, 3) for limit in share_interval(5, 100)]
    [0.019, 0.106]
    """
    from scipy.special import betaincinv

    tail = (1 - LEVEL) / 2
    low, high = betaincinv(count + 0.5, whole - count + 0.5, np.array([tail, 1 - tail]))
    return (0.0 if count == 0 else float(low)), (1.0 if count == whole else float(high))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fits:
    """Where estimates came from.

    Attributes
    ----------
    sight : Sight
        The log with what was made of it.
    counts : array of int, shape (classes, days, 96)
        Customers.
    patience, patience_source : sequence
        By class, with whose rows each rests on.
    times : Times
        Service times.
    schedules : Schedules
        Who was on duty.
    machines : mapping of str to Machines
        By kind.
    factor_source : str
        Whose days told of the kinds of days that differ.
    """

    sight: Sight
    counts: Ints
    patience: Sequence[FittedPatience]
    patience_source: Sequence[Source]
    times: Times
    schedules: Schedules
    machines: Mapping[str, Machines]
    factor_source: Source


def parameters_of(estimates: Estimates, fits: Fits) -> tuple[Parameter, ...]:
    """Return every parameter of a branch.

    Parameters
    ----------
    estimates : Estimates
        What scenarios are put together from.
    fits : Fits
        Where it came from.
    """
    names = [group.name for group in estimates.groups]
    return (
        *_rates(estimates, fits.counts, names),
        *_factors(estimates.rates, fits.factor_source),
        *_services(fits.times, fits.sight.tasks, names),
        *_paces(estimates, fits.times),
        *_patience(estimates, fits),
        *_routing(estimates),
        *_speeds(estimates),
        *_schedule(fits.schedules),
        *_requests(estimates, fits.sight.requests),
        *_machines(fits.machines),
    )


def _rates(estimates: Estimates, counts: Ints, names: Sequence[str]) -> Iterator[Parameter]:
    rates = estimates.rates
    rows = counts.sum(axis=1).reshape(len(names), HALF_HOURS, 2).sum(axis=2)
    mean = rates.per_hour[:, 0].reshape(len(names), HALF_HOURS, 2)
    error = rates.shape_error[:, 0].reshape(len(names), HALF_HOURS, 2)
    value = mean.mean(axis=2)
    squares = np.square(mean * error).sum(axis=2) / 4
    days = counts.shape[1]
    for place, name in enumerate(names):
        for half in np.flatnonzero(value[place] > 0).tolist():
            relative = math.hypot(
                math.sqrt(squares[place, half]) / value[place, half],
                float(rates.level_error[place, 0]),
            )
            yield _rate(name, half, float(value[place, half]), relative, int(rows[place, half]))
    kept = np.array([1 - group.back_share for group in estimates.groups])[:, None]
    whole, total = (value * kept).sum(axis=0), rows.sum(axis=0)
    squares = squares * kept**2
    level = math.sqrt(1 / max(int(total.sum()), 1) + rates.overdispersion / max(days, 1))
    for half in np.flatnonzero(whole > 0).tolist():
        relative = math.hypot(math.sqrt(squares[:, half].sum()) / whole[half], level)
        yield _rate(ALL, half, float(whole[half]), relative, int(total[half]))
    half_width = z_quantile() * rates.overdispersion_error
    yield Parameter(
        name="arrivals.day_variance",
        value=rates.overdispersion,
        lower=max(rates.overdispersion - half_width, 0.0),
        upper=rates.overdispersion + half_width,
        unit="ratio",
        count_rows=rates.degrees,
        law="gamma",
    )
    for name, spread in zip(names, rates.week_variance.tolist(), strict=True):
        yield Parameter(
            name="arrivals.week_variance", of=name, value=spread, unit="ratio", count_rows=days
        )


def _rate(name: str, half: int, value: float, error: float, rows: int) -> Parameter:
    lower, upper = gamma_interval(value, error)
    return Parameter(
        name="arrivals.rate",
        of=f"{name} {half // 2:02d}:{30 * (half % 2):02d}",
        value=value,
        lower=lower,
        upper=upper,
        unit="per_hour",
        count_rows=rows,
        law="poisson",
    )


def _factors(rates: Rates, source: Source) -> Iterator[Parameter]:
    for found in rates.factors:
        yield Parameter(
            name="arrivals.day_factor", of=found.kind, value=found.factor, lower=found.lower,
            upper=found.upper, unit="ratio", count_rows=found.count_days, source=source,
        )  # fmt: skip


def _services(times: Times, tasks: Tasks, names: Sequence[str]) -> Iterator[Parameter]:
    for task, laws in zip(tasks.names, times.laws, strict=True):
        for found in laws:
            of = task if found.customer_class is None else f"{task} {names[found.customer_class]}"
            yield of_law("service.mean", of, found.fitted, found.source)


def of_law(name: str, of: str, fitted: Fitted, source: Source = "own") -> Parameter:
    """Return the mean of a fitted law as a parameter [s]."""
    lower, upper = lognormal_interval(fitted.mean, fitted.mean_error / max(fitted.mean, 1e-9))
    return Parameter(
        name=name,
        of=of,
        value=fitted.mean,
        lower=lower,
        upper=upper,
        unit="s",
        count_rows=fitted.count_rows,
        law=fitted.law.law,
        distance=None if math.isnan(fitted.distance) else fitted.distance,
        source=source,
    )


def _paces(estimates: Estimates, times: Times) -> Iterator[Parameter]:
    for group in estimates.groups:
        if group.is_machine:
            continue
        lower, upper = lognormal_interval(group.pace, group.pace_error)
        yield Parameter(
            name="service.pace", of=group.name, value=group.pace, lower=lower, upper=upper,
            unit="ratio", count_rows=sum(group.mix.values()),
        )  # fmt: skip
    yield Parameter(
        name="service.day_variation", value=times.paces.day_variation, unit="ratio",
        count_rows=len(estimates.duties),
    )  # fmt: skip


def _patience(estimates: Estimates, fits: Fits) -> Iterator[Parameter]:
    fitted = zip(estimates.groups, fits.patience, fits.patience_source, strict=True)
    for group, found, known in fitted:
        if group.is_machine:
            continue
        law = found.law
        if law is not None:
            lower, upper = lognormal_interval(found.scale, found.scale_error)
            yield Parameter(
                name="patience.scale", of=group.name, value=found.scale, lower=lower, upper=upper,
                unit="s", count_rows=found.count_lost, law=law.law, source=known,
                distance=None if math.isnan(found.distance) else found.distance,
            )  # fmt: skip
            low, high = lognormal_interval(found.shape, found.shape_error)
            yield Parameter(
                name="patience.shape", of=group.name, value=found.shape, lower=low, upper=high,
                unit="ratio", count_rows=found.count_lost, law=law.law, source=known,
            )  # fmt: skip
        turned, came = group.turned_round
        if turned:
            lower, upper = share_interval(turned, came)
            yield Parameter(
                name="patience.turned_round", of=group.name, value=turned / came, lower=lower,
                upper=upper, unit="share", count_rows=came,
            )  # fmt: skip


def _routing(estimates: Estimates) -> Iterator[Parameter]:
    for group in estimates.groups:
        whole = sum(group.mix.values())
        for task, count in group.mix.items():
            lower, upper = share_interval(count, whole)
            yield Parameter(
                name="routing.first", of=f"{group.name} {task}", value=count / whole, lower=lower,
                upper=upper, unit="share", count_rows=whole,
            )  # fmt: skip
    for found in estimates.tasks:
        failed = sum(way.count for way in found.ways if way.is_failure)
        if failed:
            lower, upper = share_interval(failed, found.count)
            yield Parameter(
                name="routing.fail_back", of=found.name, value=failed / found.count, lower=lower,
                upper=upper, unit="share", count_rows=found.count,
            )  # fmt: skip


def _speeds(estimates: Estimates) -> Iterator[Parameter]:
    for crew, speed in {post.crew: post.speed for post in estimates.posts if post.crew}.items():
        if speed.count_days:
            lower, upper = lognormal_interval(speed.value, speed.error)
            yield Parameter(
                name="service.speed", of=crew, value=speed.value, lower=lower, upper=upper,
                unit="ratio", count_rows=speed.count_days,
            )  # fmt: skip


def _schedule(schedules: Schedules) -> Iterator[Parameter]:
    for crew in schedules.crews:
        rule = crew.rule
        for post in crew.posts:
            counts = [
                sum(step.count > 0 for step in duty.open.get(post.name, ()))
                for duty in schedules.duties
            ]
            most = [
                max((step.count for step in duty.open.get(post.name, ())), default=0)
                for duty in schedules.duties
            ]
            yield Parameter(
                name="schedule.most_on_duty", of=post.name, value=float(np.mean(most)),
                unit="count", count_rows=len(counts),
            )  # fmt: skip
            pause = schedules.pause[post.name]
            if pause > 0:
                yield Parameter(
                    name="schedule.pause", of=post.name, value=pause, unit="s",
                    count_rows=len(counts),
                )  # fmt: skip
        if rule is not None:
            of = "+".join(dict.fromkeys(post.name for post in crew.posts))
            for name, value in (("opens_at", rule.waiting), ("opens_further", rule.further)):
                yield Parameter(
                    name=f"schedule.{name}", of=of, value=float(value), unit="count",
                    count_rows=rule.count,
                )  # fmt: skip
            yield of_law("schedule.opening_delay", of, rule.delay)


def _requests(estimates: Estimates, requests: Requests) -> Iterator[Parameter]:
    for found in estimates.tasks:
        for asking in found.asking:
            whole = max(found.count, 1)
            lower, upper = share_interval(min(asking.count, whole), whole)
            yield Parameter(
                name="requests.share", of=f"{found.name} {asking.pool}",
                value=asking.count / whole, lower=lower, upper=upper, unit="share",
                count_rows=found.count,
            )  # fmt: skip
    if requests.hold is not None:
        yield of_law("requests.hold", APPROVERS, requests.hold)
        yield Parameter(
            name="requests.people", of=APPROVERS, value=float(requests.people), unit="count",
            count_rows=requests.stitched[1],
        )  # fmt: skip


def _machines(machines: Mapping[str, Machines]) -> Iterator[Parameter]:
    for kind, found in machines.items():
        if found.up_seconds <= 0:
            continue
        yield Parameter(
            name="machines.availability", of=kind, value=found.availability, unit="share",
            count_rows=found.failures,
        )  # fmt: skip
        if found.failures:
            yield Parameter(
                name="machines.between_failures", of=kind, value=found.between,
                lower=found.between_lower, upper=found.between_upper, unit="s",
                count_rows=found.failures, law="exponential",
            )  # fmt: skip
        if found.repair is not None:
            yield of_law("machines.repair", kind, found.repair)
