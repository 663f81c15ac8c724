"""Whether a branch's twin may be believed: days that it has not seen, foretold and compared.

The last quarter of the open days is held out. The branch is calibrated on the rest, and each day
held out is foretold by its weekday (and by what is known beforehand, such as a pay day): many
times over, each time with parameters drawn from what the data leave open, with the schedule of a
day of that weekday drawn at random, and with the chance of the day itself. So an interval says
where a day's value should lie, not where the mean of many simulations lies [1]_.

References
----------
.. [1] Sargent (2013), Verification and validation of simulation models, J. Simul. 7,
   doi:10.1057/jos.2012.20.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from branchwise.core.errors import BranchwiseError, Where, failure
from branchwise.core.languages import Text
from branchwise.core.ports import Engine
from branchwise.core.randomness import derived_seed, stream
from branchwise.twin.calibrate.assemble import scenario_of, work_of
from branchwise.twin.calibrate.branch import calibrate
from branchwise.twin.calibrate.compared import (
    ABANDONED,
    LEVEL,
    SERVED,
    WAIT,
    Row,
    compared,
    coverage_of,
)
from branchwise.twin.calibrate.days import choose_days
from branchwise.twin.calibrate.hours import opening_hours, usual_hours
from branchwise.twin.calibrate.log import Log, read_log
from branchwise.twin.calibrate.model import Calibration, DayLeftOut
from branchwise.twin.calibrate.notes import note, said
from branchwise.twin.calibrate.observed import Seen, observed_days
from branchwise.twin.calibrate.peers import factor_on
from branchwise.twin.calibrate.uncertainty import (
    drawn_duties,
    of_a_day,
    of_a_week,
    perturbed_estimates,
)
from branchwise.twin.run import simulate

Verdict = Literal["trusted", "waits_only", "not_trusted"]

LEAST_DAYS = 4
"""Days to learn from; with fewer no weekday is known."""
SURE = 0.01
"""A share of days, or hours, within their 90 % intervals that would come by chance less often than
this, if the intervals were right, says that they are wrong."""
WAIT_WITHIN, WAIT_STANDARDS = 0.15, 0.05
"""A mean wait as near as this to the one foretold is right whatever the interval: 15 %, or one
twentieth of the standard (30 s of ten minutes): no decision hangs on less."""
PART_WITHIN, PART_STANDARDS = 0.30, 0.10
"""The same for one class or one hour, which have fewer customers."""
ABANDONED_WITHIN = 0.02
"""The same for the share that gives up: two in a hundred."""
SERVED_WITHIN = 0.08
"""The same for the number served a day."""
VAGUE, VAGUE_STANDARDS = 0.6, 0.15
"""An interval of the mean wait with a larger half width says nothing."""
CLASS_ROWS = 60
"""Customers held out that a class needs to be judged."""
CHANCES = 2
"""Days lived through with the same parameters and schedule. With more of them there are fewer draws
of parameters, which intervals over all days rest on: three were too few to see a bank change."""
FEW_LEARNED = 20
"""Days to learn from, below which more days are the first remedy."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Validation:
    """What came of the comparison.

    Attributes
    ----------
    verdict : {"trusted", "waits_only", "not_trusted"}
        What may be believed.
    reason, remedy : Text
        Why, and what data would mend it.
    rows : tuple of Row
        Comparisons: over all days held out, by class, by hour, by weekday and hour, by day.
    coverage : mapping of str to float
        Share of intervals that hold what was seen, by kind of row: ``day``, ``hour``,
        ``weekday_hour``, ``class``; and ``all``.
    days_learned, days_held_out : tuple of date
        Days that the twin learned from, and that it foretold.
    days_left_out : tuple of DayLeftOut
        Days in neither, each with its reason.
    calibration : Calibration
        On the days learned.
    replications, seed : int
        Times that each day was simulated, and the seed.
    """

    verdict: Verdict
    reason: Text
    remedy: Text
    rows: tuple[Row, ...]
    coverage: Mapping[str, float]
    days_learned: tuple[date, ...]
    days_held_out: tuple[date, ...]
    days_left_out: tuple[DayLeftOut, ...]
    calibration: Calibration
    replications: int
    seed: int

    def rows_by(self, *columns: str) -> tuple[Row, ...]:
        """Return the rows with exactly these dimension columns."""
        return tuple(row for row in self.rows if tuple(row.by) == columns)


def validate(
    engine: Engine,
    branch_id: str,
    *,
    share_held_out: float = 0.25,
    replications: int = 60,
    seed: int = 1,
    peers: Sequence[str] | None = None,
    standard_seconds: float = 600.0,
    log: Log | None = None,
) -> Validation:
    """Foretell the last days of a branch from those before, and say whether the twin is right.

    Only the counter is compared: machines do not record who waits for them. Customers sent back
    from machines draw tickets like everybody else here.

    Parameters
    ----------
    engine : Engine
        With the canonical tables as relations.
    branch_id : str
        The branch.
    share_held_out : float
        Share of the open days to foretell, the last ones.
    replications : int
        Times that each day is simulated.
    seed : int
        Seed of all chance.
    peers : sequence of str, optional
        As for :func:`calibrate`.
    standard_seconds : float
        Wait within the standard [s].
    log : Log, optional
        The visits of the branch, where they have been read already (`log.read_logs`).

    Returns
    -------
    Validation
        Verdict with reason and remedy, every comparison, coverage of the intervals.

    Raises
    ------
    BranchwiseError
        [BW-CAL-005] if there are too few days; as `calibrate` otherwise.

    Examples
    --------
    >>> from branchwise.engines.duckdb import open_duckdb
    >>> from branchwise.tables.spec import table_names, table_spec
    >>> with open_duckdb() as engine:
    ...     for name in table_names():
    ...         engine.register_table(name, table_spec(name).arrow_schema.empty_table())
    ...     validate(engine, "00317")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    BranchwiseError: BW-CAL-001  There is no branch 00317.
    """
    log = read_log(engine, branch_id) if log is None else log
    if not log.is_queued.any():
        return _unseen(calibrate(engine, branch_id, peers=peers, log=log), replications, seed)
    learned, held_out, left_out = _split(engine, branch_id, log, share_held_out)
    if len(learned) < LEAST_DAYS or not held_out:
        _explain(engine, branch_id, len(learned) + len(held_out))
    wishes: dict[str, Any] = {"peers": peers, "standard_seconds": standard_seconds}
    calibration = calibrate(engine, branch_id, days=learned, log=log, **wishes)
    days = tuple(on for on in held_out if on.isoweekday() in calibration.estimates.hours)
    if not days:
        raise _too_few(branch_id, len(learned))
    seen = observed_days(log, calibration.estimates, days)
    foretold = foretell(calibration, days, replications=replications, seed=seed)
    found = _compared(calibration, days, tuple(compared(seen, foretold, days)))
    left_out = (*left_out, *_unknown(held_out, days))
    return replace(found, days_left_out=left_out, replications=replications, seed=seed)


def _compared(
    calibration: Calibration, days: tuple[date, ...], rows: tuple[Row, ...]
) -> Validation:
    """Return the verdict on the comparisons of some days."""
    coverage = coverage_of(rows)
    verdict, reason, remedy = _judged(rows, coverage, calibration, len(days))
    return Validation(
        verdict=verdict,
        reason=reason,
        remedy=remedy,
        rows=rows,
        coverage=coverage,
        days_learned=calibration.days_used,
        days_held_out=days,
        days_left_out=(),
        calibration=calibration,
        replications=0,
        seed=0,
    )


def foretell(
    calibration: Calibration, days: Sequence[date], *, replications: int, seed: int
) -> list[Seen]:
    """Simulate days at the counter, each replication with parameters of its own.

    Parameters
    ----------
    calibration : Calibration
        Of the branch.
    days : sequence of date
        Days to foretell.
    replications : int
        Times that each is simulated; every two of them share parameters and schedules.
    seed : int
        Seed of all chance.

    Returns
    -------
    list of Seen
        One a replication, of all days.
    """
    rates = calibration.estimates.rates
    open_days = (*calibration.days_used, *days)
    factors = [factor_on(rates.factors, on, open_days) for on in days]
    seeds = [derived_seed(seed, "validate", on.isoformat()) for on in days]
    found: list[Seen] = []
    while len(found) < replications:
        draw = len(found) // CHANCES
        estimates = perturbed_estimates(calibration.estimates, draw, seed)
        work = work_of(estimates, tickets_only=True)
        chance = stream(seed, "days", draw)
        parts = []
        duties = drawn_duties(estimates, days, chance)
        weeks = {
            week: of_a_week(estimates, chance)
            for week in sorted({on.isocalendar()[:2] for on in days})
        }
        for on, duty, factor, day_seed in zip(days, duties, factors, seeds, strict=True):
            scenario = scenario_of(
                of_a_day(weeks[on.isocalendar()[:2]], chance),
                on.isoweekday(),
                duty=duty,
                tickets_only=True,
                factor=factor,
                work=work,
            )
            first = CHANCES * draw
            result = simulate(
                scenario, replications=CHANCES, seed=day_seed, first_replication=first
            )
            parts.append([Seen.of_result(result, number) for number in range(CHANCES)])
        found += [Seen.of_days([part[number] for part in parts]) for number in range(CHANCES)]
    return found[:replications]


def _unseen(calibration: Calibration, replications: int, seed: int) -> Validation:
    """Return the validation of a branch whose waits were never measured."""
    return Validation(
        verdict="not_trusted",
        reason=said("verdicts", "no_tickets"),
        remedy=said("remedies", "tickets"),
        rows=(),
        coverage={},
        days_learned=calibration.days_used,
        days_held_out=(),
        days_left_out=calibration.days_left_out,
        calibration=calibration,
        replications=replications,
        seed=seed,
    )


def _split(
    engine: Engine, branch_id: str, log: Log, share: float
) -> tuple[tuple[date, ...], tuple[date, ...], tuple[DayLeftOut, ...]]:
    opening = opening_hours(engine, branch_id, log.dates[-1]) if log.dates else {}
    chosen = choose_days(log, hours=usual_hours(log, opening))
    tickets = log.where(log.is_queued)
    opened = [on for day, on in enumerate(log.dates) if (tickets.day == day).any()]
    count = min(max(math.ceil(share * len(opened)), 1), max(len(opened) - 1, 0))
    later = set(opened[len(opened) - count :]) if count else set()
    used = chosen.used
    return (
        tuple(on for on in used if on not in later),
        tuple(on for on in used if on in later),
        chosen.left_out,
    )


def _unknown(held_out: Sequence[date], days: Sequence[date]) -> Iterator[DayLeftOut]:
    """Yield the days that cannot be foretold: of weekdays that were not learned."""
    for on in held_out:
        if on not in days:
            yield DayLeftOut(on=on, code="weekday_unseen", reason=said("reasons", "weekday_unseen"))


def _explain(engine: Engine, branch_id: str, days: int) -> None:
    """Raise what is wrong: first what a calibration would say, else that days are missing."""
    calibrate(engine, branch_id)
    raise _too_few(branch_id, days)


def _too_few(branch_id: str, days: int) -> BranchwiseError:
    where = Where(place="visit")
    return failure("BW-CAL-005", where, branch=branch_id, days=days, least=LEAST_DAYS)


def _near(row: Row, share: float, least: float) -> bool:
    return row.is_within or abs(row.observed - row.mean) <= max(share * abs(row.mean), least)


def _is_likely(within: Sequence[bool]) -> bool:
    """Say whether so many within 90 % intervals are possible by chance."""
    from scipy.special import bdtr

    return not within or float(bdtr(sum(within), len(within), LEVEL)) >= SURE


def _judged(
    rows: Sequence[Row], coverage: Mapping[str, float], calibration: Calibration, days: int
) -> tuple[Verdict, Text, Text]:
    """Return verdict, reason and remedy."""
    whole = {row.measure: row for row in rows if not row.by}
    if calibration.strength != "tickets" or WAIT not in whole:
        return "not_trusted", said("verdicts", "no_tickets"), said("remedies", "tickets")
    wait = whole[WAIT]
    standard = calibration.estimates.standard_seconds
    by_day = [row.is_within for row in _chosen(rows, "local_on")]
    shown = {"lower": round(wait.lower), "upper": round(wait.upper)}
    if not _near(wait, WAIT_WITHIN, WAIT_STANDARDS * standard):
        reason = said("verdicts", "waits_wrong", days=days, observed=round(wait.observed), **shown)
        return "not_trusted", reason, _remedy(calibration)
    share = round(100 * coverage.get(f"day.{WAIT}", 0.0))
    if not _is_likely(by_day):
        reason = said("verdicts", "coverage_low", days=days, within=share)
        return "not_trusted", reason, _remedy(calibration)
    if (wait.upper - wait.lower) / 2 > max(VAGUE * wait.mean, VAGUE_STANDARDS * standard):
        remedy = said("remedies", "days", days=len(calibration.days_used))
        return "not_trusted", said("verdicts", "vague", **shown), remedy
    missing = next(_missing(rows, whole, standard), None)
    if missing is None:
        reason = said("verdicts", "trusted", days=days, within=share)
        return "trusted", reason, said("remedies", "nothing")
    what, special = missing
    return "waits_only", _filled("waits_only", days, what), special or _remedy(calibration)


def _chosen(rows: Sequence[Row], column: str) -> list[Row]:
    """Return the mean waits by one column."""
    return [row for row in rows if tuple(row.by) == (column,) and row.measure == WAIT]


def _missing(
    rows: Sequence[Row], whole: Mapping[str, Row], standard: float
) -> Iterator[tuple[Text, Text | None]]:
    """Yield what was not foretold, with the remedy where it is a special one."""
    if not _near(whole[ABANDONED], 0.0, ABANDONED_WITHIN):
        yield said("parts", "abandoned"), said("remedies", "leaving")
    if not _near(whole[SERVED], SERVED_WITHIN, 1.0):
        yield said("parts", "served"), None
    least = PART_STANDARDS * standard
    if not _is_likely([_near(row, PART_WITHIN, least) for row in _chosen(rows, "hour")]):
        yield said("parts", "hours"), None
    for row in _chosen(rows, "customer_class"):
        if row.count_rows >= CLASS_ROWS and not _near(row, PART_WITHIN, least):
            yield said("parts", "classes", name=row.by["customer_class"]), None


def _filled(name: str, days: int, what: Text) -> Text:
    return Text.written(
        lambda language: said("verdicts", name, days=days, what=what.read_in(language)).read_in(
            language
        )
    )


def _remedy(calibration: Calibration) -> Text:
    """Return what data would mend a twin that foretells wrongly."""
    if len(calibration.days_used) < FEW_LEARNED:
        return said("remedies", "days", days=len(calibration.days_used))
    if note("no_shift") in calibration.notes:
        return said("remedies", "shifts")
    return said("remedies", "change")
