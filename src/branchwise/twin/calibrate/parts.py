"""Classes and activities of a branch with their numbers, from its log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from branchwise.twin.calibrate.classes import Classes
from branchwise.twin.calibrate.log import Flags, Floats, Ints, Log
from branchwise.twin.calibrate.model import (
    Asking,
    Group,
    Patience,
    ServiceTime,
    Source,
    Task,
    Way,
)
from branchwise.twin.calibrate.patience import (
    FittedPatience,
    expected_before,
    fit_patience,
)
from branchwise.twin.calibrate.requests import (
    APPROVERS,
    REVIEWERS,
    Requests,
    profile_of,
    reviews_of,
)
from branchwise.twin.calibrate.routing import Queues, Tasks
from branchwise.twin.calibrate.services import Paces, Timed, paces_of, timed
from branchwise.twin.laws import Constant, Exponential, Law

TURNED = 1.0
"""A caller who hangs up within so many seconds, with nobody called, turned round at once."""
LEAST_LOST = 30
"""A class in which fewer gave up borrows its patience from all."""
WALKING_SPEED = 1.2
SLOWEST, FASTEST = 0.3, 3.0
RETURN_SECONDS = 45.0
DEFAULT_PATIENCE, ASSUMED_ERROR = 1500.0, 0.3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sight:
    """A branch's log with everything that was made of it.

    Attributes
    ----------
    log : Log
        Steps of the days used, suspect ones left out.
    classes, queues, tasks : Classes, Queues, Tasks
        Of each step.
    requests : Requests
        Of each step.
    back_from, back_to : array of int
        Failed sessions, and the tickets that their customers drew.
    ends : array, shape (dates,)
        When who waits is sent away.
    waits : array, shape (steps,)
        Waits, of customers called in vain until they left as far as that is known.
    """

    log: Log
    classes: Classes
    queues: Queues
    tasks: Tasks
    requests: Requests
    back_from: Ints
    back_to: Ints
    ends: Floats
    waits: Floats

    @property
    def at_counter(self) -> Flags:
        """Steps that queued."""
        return np.asarray(self.queues.codes >= 0)

    @property
    def pure_seconds(self) -> Floats:
        """Service times without waiting for others; NaN where not recorded, or 0."""
        reviewed = np.nan_to_num(self.log.review_seconds)
        pure = self.log.service_seconds - self.requests.seconds - reviewed
        good = self.log.is_served | self.log.is_failed
        return np.where(good & (pure > 0), pure, np.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Service laws by activity, the paces behind them, and the rows used."""

    laws: tuple[tuple[Timed, ...], ...]
    paces: Paces
    unrecorded: float


def patience_by_class(
    sight: Sight, elsewhere: tuple[float, int] | None
) -> tuple[list[FittedPatience], list[Source]]:
    """Return the patience of each class, and whose rows it rests on.

    A class in which fewer than 30 gave up has the patience of all; where nobody gave up at all,
    the peers' mean holds, if they have one; where no wait is known at all, 25 minutes.
    """
    log = sight.log
    rows = sight.at_counter & log.is_first & ~np.isnan(log.wait)
    whole = _patience(sight, rows)
    fitted: list[FittedPatience] = []
    sources: list[Source] = []
    for place, kind in enumerate(sight.classes.kinds):
        own = _patience(sight, rows & (sight.classes.codes == place))
        if kind.is_machine:
            fitted.append(replace(own, law=None))
            sources.append("default")
        elif own.count_lost >= LEAST_LOST:
            fitted.append(own)
            sources.append("own")
        elif whole.count_lost >= LEAST_LOST or (elsewhere is None and whole.count_rows):
            fitted.append(whole)
            sources.append("own")
        else:
            fitted.append(_assumed(own, DEFAULT_PATIENCE if elsewhere is None else elsewhere[0]))
            sources.append("default" if elsewhere is None else "peers")
    return fitted, sources


def _patience(sight: Sight, rows: Flags) -> FittedPatience:
    log = sight.log
    turned = turned_round(log)
    rows = rows & ~turned
    away = log.is_walked_out & (log.gone >= sight.ends[log.day] - 1)
    return fit_patience(log.wait[rows], (log.is_walked_out & ~away)[rows], log.is_no_show[rows])


def _assumed(own: FittedPatience, mean: float) -> FittedPatience:
    return FittedPatience(
        law=Exponential(mean=mean),
        scale=mean,
        scale_error=ASSUMED_ERROR,
        count_lost=own.count_lost,
        count_rows=own.count_rows,
    )


def turned_round(log: Log) -> Flags:
    """Say which callers left at once: at a queue machine nobody sees those."""
    return np.asarray(log.is_walked_out & (log.wait <= TURNED) & log.origin.among("call"))


def waits_until_leaving(log: Log, codes: Ints, laws: Sequence[Law | None]) -> Floats:
    """Return waits; of customers called in vain until they left, as far as that is known.

    They left some time before the call: the time is the mean under the patience of their class.

    Parameters
    ----------
    log : Log
        Steps.
    codes : array of int, shape (steps,)
        Class of each.
    laws : sequence of Law or None
        Patience by class.
    """
    waits = log.wait.copy()
    for place, law in enumerate(laws):
        rows = log.is_no_show & (codes == place) & ~np.isnan(waits)
        if rows.any():
            waits[rows] = expected_before(law, waits[rows]) if law is not None else waits[rows] / 2
    return waits


def times_of(sight: Sight, elsewhere: Mapping[str, tuple[int, float, float]]) -> Times:
    """Return the laws of all activities; those of machines without the classes' pace."""
    log, tasks = sight.log, sight.tasks
    pure = sight.pure_seconds
    known = ~np.isnan(pure) & (tasks.codes >= 0)
    counter = known & sight.at_counter
    count = len(sight.classes.kinds)
    paces = paces_of(
        pure[counter], tasks.codes[counter], sight.classes.codes[counter], log.day[counter], count
    )
    even = Paces(
        pace=np.where([kind.is_machine for kind in sight.classes.kinds], 1.0, paces.pace),
        error=paces.error,
        reference=paces.reference,
        day_variation=paces.day_variation,
    )
    number = {name: place for place, name in enumerate(dict.fromkeys(tasks.queues))}
    laws = timed(
        pure[known],
        tasks.codes[known],
        sight.classes.codes[known],
        even,
        count=len(tasks.names),
        queues=[number[queue] for queue in tasks.queues],
        elsewhere={
            place: elsewhere[service]
            for place, service in enumerate(tasks.service_ids)
            if service is not None and service in elsewhere
        },
    )
    done = sight.at_counter & log.is_served
    return Times(
        laws=tuple(tuple(found) for found in laws),
        paces=even,
        unrecorded=1 - float((done & known).sum()) / max(int(done.sum()), 1),
    )


def groups_of(
    sight: Sight, patience: list[FittedPatience], priorities: Ints, paces: Paces
) -> tuple[Group, ...]:
    """Return the classes with their mix, patience, pace and walk."""
    log = sight.log
    comes = log.is_first & (sight.at_counter | log.is_session)
    walks = _walks(sight)
    back = np.zeros(len(log), dtype=bool)
    back[sight.back_to] = True
    turned = turned_round(log)
    groups = []
    for place, kind in enumerate(sight.classes.kinds):
        rows = comes & (sight.classes.codes == place)
        counts = np.bincount(sight.tasks.codes[rows], minlength=len(sight.tasks.names))
        groups.append(
            Group(
                name=kind.name,
                is_machine=kind.is_machine,
                priority=int(priorities[place]),
                is_elderly=kind.is_elderly,
                tier=kind.tier,
                business_line=kind.business_line,
                mix={sight.tasks.names[task]: int(counts[task]) for task in np.flatnonzero(counts)},
                patience=Patience(
                    law=None if kind.is_machine else patience[place].law,
                    scale_error=patience[place].scale_error,
                ),
                turned_round=(int((rows & turned).sum()), int(rows.sum())),
                pace=float(paces.pace[place]),
                pace_error=0.0 if kind.is_machine else float(paces.error[place]),
                walking_speed=float(
                    np.clip(WALKING_SPEED * walks[-1] / max(walks[place], 1e-9), SLOWEST, FASTEST)
                )
                if walks[-1] > 0 and walks[place] > 0
                else WALKING_SPEED,
                back_share=float(back[rows].mean()) if rows.any() else 0.0,
            )
        )
    return tuple(groups)


def _walks(sight: Sight) -> Floats:
    """Return the mean time from call to beginning by class, and of all in the last place [s]."""
    log = sight.log
    rows = sight.at_counter & log.is_served & ~np.isnan(log.started) & ~np.isnan(log.called)
    gap = np.clip(log.started[rows] - log.called[rows], 0.0, 300.0)
    classes = sight.classes.codes[rows]
    count = len(sight.classes.kinds)
    means = [
        float(gap[classes == place].mean()) if (classes == place).any() else 0.0
        for place in range(count)
    ]
    return np.array([*means, float(gap.mean()) if len(gap) else 0.0])


def tasks_with(
    sight: Sight, times: Times, pause: Mapping[str, float]
) -> tuple[tuple[Task, ...], dict[str, Law]]:
    """Return the activities with laws, routes and requests; and the laws of pools elsewhere."""
    log, tasks = sight.log, sight.tasks
    walk = float(_walks(sight)[-1])
    delays: dict[str, Law] = {}
    found = []
    for place, name in enumerate(tasks.names):
        members = tasks.codes == place
        served = members & (log.is_served | log.is_failed)
        is_counter = bool(sight.at_counter[members].any())
        asking = _authorised(sight, served) if is_counter else _reviewed(log, served, delays)
        found.append(
            Task(
                name=name,
                queue=tasks.queues[place],
                service_id=tasks.service_ids[place],
                count=int(served.sum()),
                times=tuple(
                    ServiceTime(
                        law=law.fitted.law,
                        error=law.fitted.mean_error / max(law.fitted.mean, 1e-9),
                        customer_class=None
                        if law.customer_class is None
                        else sight.classes.kinds[law.customer_class].name,
                        pause=pause.get(tasks.queues[place], 0.0),
                    )
                    for law in times.laws[place]
                ),
                ways=_ways(sight, served),
                asking=asking,
                walk_seconds=walk if is_counter else 0.0,
            )
        )
    return tuple(found), delays


def _authorised(sight: Sight, served: Flags) -> tuple[Asking, ...]:
    requests = sight.requests
    rows = served & ~np.isnan(requests.at)
    if requests.hold is None or not rows.any():
        return ()
    return (
        Asking(
            pool=APPROVERS,
            count=int(rows.sum()),
            at=round(float(requests.at[rows].mean()), 2),
            hold=requests.hold.law,
            hold_error=requests.hold.mean_error / max(requests.hold.mean, 1e-9),
        ),
    )


def _reviewed(log: Log, served: Flags, delays: dict[str, Law]) -> tuple[Asking, ...]:
    reviews = reviews_of(log, served)
    if reviews is None:
        return ()
    count, at = reviews
    if REVIEWERS not in delays:
        every = log.review_seconds[log.is_session & ~np.isnan(log.review_seconds)]
        delays[REVIEWERS], _ = profile_of(every)
    return (
        Asking(
            pool=REVIEWERS, count=count, at=round(at, 2), hold=Constant(value=0.0), hold_error=0.0
        ),
    )


def _return_seconds(sight: Sight) -> float:
    """Return how long customers take from a failed session to their ticket."""
    if not len(sight.back_to):
        return RETURN_SECONDS
    late = sight.log.arrived[sight.back_to] - sight.log.ended[sight.back_from]
    return float(max(np.median(late), 0.0))


def _ways(sight: Sight, served: Flags) -> tuple[Way, ...]:
    """Return where customers go on to: by the next step of the visit, or the ticket drawn then."""
    log, tasks = sight.log, sight.tasks
    rows = np.flatnonzero(served & ~log.is_last)
    further = [(row, row + 1, True) for row in rows.tolist()]
    mine = served[sight.back_from] if len(sight.back_from) else np.zeros(0, dtype=bool)
    pairs = zip(sight.back_from[mine].tolist(), sight.back_to[mine].tolist(), strict=True)
    further += [(session, ticket, False) for session, ticket in pairs]
    counts: dict[tuple[str, bool, bool], int] = {}
    for row, following, keeps in further:
        if tasks.codes[following] < 0:
            continue
        failed = bool(log.is_failed[row])
        key = (tasks.names[tasks.codes[following]], failed, keeps and failed)
        counts[key] = counts.get(key, 0) + 1
    return tuple(
        Way(
            to=to, count=count, is_failure=failed, keeps_ticket=keeps,
            seconds=0.0 if keeps else _return_seconds(sight),
        )
        for (to, failed, keeps), count in sorted(counts.items())
    )  # fmt: skip
