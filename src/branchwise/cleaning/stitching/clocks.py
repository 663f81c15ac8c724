"""How far the clock of a source is from the clock of the transactions.

An offset is tried by how many services then carry a transaction of the same teller or machine:
each service counts once, so that a wrong offset, at which some services hold two postings and
others none, loses even where tellers are never idle. The number is known exactly for every offset
of whole seconds within 20 minutes: a service that begins at b and ends at e, and the posting at p
that would be its first, agree at the offsets from b - p to e - p, short of those at which the
posting before falls into the service too. Adding up where these intervals begin and end gives the
curve at once (a sweep).

The offset is the middle of those that reach the maximum. It cannot be known better than the
bank's habits allow: if tellers always post ten seconds before the end, a clock ten seconds slow
looks the same. The bounds say so: they hold every offset that loses four services or fewer, about
as many as 95 % confidence allows where losses only go one way (McNemar 1947,
doi:10.1007/BF02295996). Agreement is taken for real if at least 20 services agree, and six
standard deviations more than on the mean of all offsets, which is what chance gives.

Each week is judged, and the whole period. If nine weeks in ten that show agreement allow the
offset of the whole, the clock is steady and that offset is used; otherwise, if half of the weeks
show agreement, each of them uses its own.
"""

from __future__ import annotations

from branchwise.cleaning.stitching.sides import POSTINGS, SERVICES
from branchwise.core.ports import Engine

CLOCKS, OFFSETS = "bw_stitch_clock", "bw_stitch_offset"
FARTHEST_SECONDS = 1200
FEWEST_SERVICES = 20
DEVIATIONS = 6
LOST_AT_MOST = 4
STEADY_SHARE = 0.9
WEEKS_SHARE = 0.5
_CHANGES, _RUNS, _FITS = "bw_stitch_change", "bw_stitch_run", "bw_stitch_fit"
_BUCKET_SECONDS = 1800
_OF = "branch_id, data_source_id"


def hold_together(engine: Engine) -> None:
    """Find the offsets, by branch and source of services.

    ``bw_stitch_clock`` has a row where both sides name a teller or machine in common; its offset
    is null where they do not agree. ``bw_stitch_offset`` says which offset each week uses.
    """
    engine.materialise(_CHANGES, _changes())
    engine.materialise(_RUNS, _runs())
    engine.materialise(_FITS, _fits())
    engine.materialise(CLOCKS, _clocks())
    engine.materialise(OFFSETS, _offsets())
    for name in (_CHANGES, _RUNS, _FITS):
        engine.drop(name)


def _changes() -> str:
    """Return the query for how the number of services that agree changes from offset to offset."""
    far = FARTHEST_SECONDS
    return f"""
    WITH service AS (
        SELECT {_OF}, worker, week, begins, ends, unnest(range(
            (begins - {far}) // {_BUCKET_SECONDS}, (ends + {far}) // {_BUCKET_SECONDS} + 1
        )) AS bucket
        FROM {SERVICES} WHERE worker IS NOT NULL AND begins IS NOT NULL
    ), agreeing AS (
        SELECT service.branch_id, service.data_source_id, service.week,
            greatest(begins - posted, -{far}) AS first,
            least(ends - posted, begins - 1 - before, {far}) AS last
        FROM service JOIN {POSTINGS} AS posting ON posting.branch_id = service.branch_id
            AND posting.worker = service.worker AND posted // {_BUCKET_SECONDS} = bucket
    ), change AS (
        SELECT {_OF}, week, first AS second, 1 AS change FROM agreeing WHERE first <= last
        UNION ALL SELECT {_OF}, week, last + 1, -1 FROM agreeing WHERE first <= last
    )
    SELECT {_OF}, week, second, sum(change)::BIGINT AS change FROM change
    WHERE second <= {far} GROUP BY {_OF}, second, GROUPING SETS ((week), ())
    HAVING sum(change) <> 0
    """


def _runs() -> str:
    """Return the query for runs of offsets at which equally many services agree."""
    return f"""
    SELECT {_OF}, week, second AS first,
        lead(second, 1, {FARTHEST_SECONDS + 1}) OVER curve - 1 AS last,
        sum(change) OVER curve::BIGINT AS matched
    FROM {_CHANGES} WINDOW curve AS (PARTITION BY {_OF}, week ORDER BY second)
    """


def _fits() -> str:
    """Return the query for the best offsets of each week and, with a null week, of all weeks."""
    spread = f"sqrt(chance * greatest(0, 1 - chance / services)) * {DEVIATIONS}"
    return f"""
    WITH judged AS (
        SELECT *, max(matched) OVER (PARTITION BY {_OF}, week) AS best FROM {_RUNS}
    ), fit AS (
        SELECT {_OF}, week, best,
            sum(matched * (last - first + 1)) / {2 * FARTHEST_SECONDS + 1} AS chance,
            (min(first) FILTER (WHERE matched = best)
                + max(last) FILTER (WHERE matched = best)) / 2 AS drift,
            min(first) FILTER (WHERE matched >= best - {LOST_AT_MOST}) AS lower,
            max(last) FILTER (WHERE matched >= best - {LOST_AT_MOST}) AS upper
        FROM judged GROUP BY {_OF}, week, best
    ), size AS (
        SELECT {_OF}, week, count(*) AS services FROM {SERVICES}
        SEMI JOIN {POSTINGS} USING (branch_id, worker, week)
        GROUP BY {_OF}, GROUPING SETS ((week), ())
    )
    SELECT fit.*, best >= {FEWEST_SERVICES} AND best - chance > {spread} AS is_found
    FROM fit JOIN size ON fit.branch_id = size.branch_id
        AND fit.data_source_id = size.data_source_id AND fit.week IS NOT DISTINCT FROM size.week
    """


def _clocks() -> str:
    """Return the query for one row a branch and source: its offset, bounds and steadiness."""
    return f"""
    WITH whole AS (SELECT * FROM {_FITS} WHERE week IS NULL),
    weekly AS (
        SELECT {_OF}, avg(one.is_found::INTEGER) >= {WEEKS_SHARE} AS are_enough,
            median(one.drift) FILTER (WHERE one.is_found) AS drift,
            min(one.lower) FILTER (WHERE one.is_found) AS lower,
            max(one.upper) FILTER (WHERE one.is_found) AS upper,
            avg((whole.drift BETWEEN one.lower AND one.upper)::INTEGER)
                FILTER (WHERE one.is_found) AS agreeing
        FROM {_FITS} AS one JOIN whole USING ({_OF}) WHERE one.week IS NOT NULL GROUP BY {_OF}
    ), judged AS (
        SELECT {_OF}, whole.drift, whole.lower, whole.upper, weekly.drift AS weekly_drift,
            weekly.lower AS weekly_lower, weekly.upper AS weekly_upper,
            CASE WHEN whole.is_found AND coalesce(agreeing, 1) >= {STEADY_SHARE} THEN true
                WHEN are_enough THEN false END AS is_steady
        FROM whole JOIN weekly USING ({_OF})
    )
    SELECT {_OF}, is_steady,
        CASE is_steady WHEN true THEN drift WHEN false THEN weekly_drift END AS drift,
        CASE is_steady WHEN true THEN lower WHEN false THEN weekly_lower END AS lower,
        CASE is_steady WHEN true THEN upper WHEN false THEN weekly_upper END AS upper
    FROM judged
    """


def _offsets() -> str:
    """Return the query for the offset of each branch, source and week."""
    return f"""
    SELECT {_OF}, fit.week, round(CASE WHEN is_steady THEN clock.drift ELSE fit.drift END)::BIGINT
        AS seconds
    FROM {_FITS} AS fit JOIN {CLOCKS} AS clock USING ({_OF})
    WHERE fit.week IS NOT NULL AND (is_steady OR (NOT is_steady AND fit.is_found))
    """
