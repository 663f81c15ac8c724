"""Days on which the clock of a branch's queue machine was wrong by whole hours.

A day of one branch and one source (its queue machine has a clock of its own) is judged if it has at
least 20 tickets and opening hours. It is shifted if fewer than
half of its tickets fall inside those hours (from half an hour before opening, when people queue at
the door, to half an hour after closing) and some whole number of hours puts at least 95 % inside.
Of several such shifts the one wins whose median ticket is nearest to the branch's median on its
sound days, then the smallest.

A clock that is wrong by one hour leaves most tickets inside. Such a day is known by its ends: the
times by which 5 % and 95 % of its tickets were drawn both lie the same whole number of hours, give
or take 25 minutes, from where they lie on the median day of that branch, source and opening hours,
and the shift back puts more tickets between opening and closing. This takes at least five days of
the same hours in one delivery. A late start, a half day or a long evening moves one end only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from branchwise.cleaning.effects import Ledger

ANCHORS = {"visit": "arrived_at", "visit_step": "coalesce(queued_at, called_at, started_at)"}
FEWEST_TICKETS = 20
INSIDE_AT_MOST = 0.5
INSIDE_AFTER = 0.95
MARGIN_MINUTES = 30
NEAR_MINUTES = 10
INSIDE_NEARLY = 0.98
ENDS = (0.05, 0.95)
ENDS_MINUTES = 25
FEWEST_DAYS = 5
LARGEST_SHIFT_HOURS = 12


def set_clocks_right(ledger: Ledger) -> None:
    """Shift the instants of branch-days whose clock was wrong.

    Without opening hours the rule is skipped, and the ledger says for how many rows.
    """
    anchor = ANCHORS.get(ledger.spec.name)
    if anchor is None:
        return
    hours = ledger.context.references.get("opening_hours")
    if hours is None or not ledger.ask(f"SELECT count(*) AS n FROM {hours}"):
        rows = ledger.count("true")
        if rows:
            ledger.skip("clock_shift", None, rows)
        return
    ledger.engine.materialise("bw_open", _open_days(ledger.staged, hours))
    if not ledger.engine.materialise("bw_odd", _odd_days(ledger.staged)):
        return
    if not ledger.engine.materialise("bw_shift", _shifts(ledger.staged, anchor)):
        return
    ledger.engine.materialise(
        "bw_shifted",
        f"SELECT bw_id AS id, hours FROM {ledger.staged} AS staged"
        " JOIN bw_shift USING (branch_id, data_source_id) WHERE day = local_on",
    )
    for column in ledger.spec.columns.values():
        if column.type == "instant":
            new = f'"{column.name}" + to_hours(hours)'
            ledger.hit(
                f"SELECT id, {new} AS new FROM bw_shifted JOIN {ledger.staged} AS staged"
                f' ON staged.bw_id = id WHERE "{column.name}" IS NOT NULL'
            )
            ledger.replace("clock_shift", column.name, "shifted")


def _open_days(staged: str, hours: str) -> str:
    """Return the query for the minutes between which a ticket of a branch-day is expected."""
    return f"""
    WITH counted AS (
        SELECT branch_id, data_source_id, local_on AS day FROM {staged}
        WHERE local_on IS NOT NULL GROUP BY ALL HAVING count(*) >= {FEWEST_TICKETS}
    )
    SELECT counted.branch_id, counted.data_source_id, day,
        min(opens_minute) - {MARGIN_MINUTES} AS opens,
        max(closes_minute) + {MARGIN_MINUTES} AS closes
    FROM counted JOIN {hours} AS hours ON hours.branch_id = counted.branch_id
        AND hours.iso_weekday = isodow(day)
        AND day BETWEEN coalesce(valid_from, DATE '1900-01-01')
            AND coalesce(valid_to, DATE '9999-12-31')
    GROUP BY ALL
    """


def _odd_days(staged: str) -> str:
    """Return the query for the branch-days worth a look, by quarter-hours: no time is converted."""
    inside = "quarter_hour * 15 + 14 >= opens AND quarter_hour * 15 <= closes"
    near = MARGIN_MINUTES - NEAR_MINUTES
    nearly = f"quarter_hour * 15 + 14 >= opens + {near} AND quarter_hour * 15 <= closes - {near}"
    return f"""
    SELECT branch_id, data_source_id, day FROM {staged} AS staged
    JOIN bw_open USING (branch_id, data_source_id) WHERE day = local_on
    GROUP BY ALL HAVING avg(({inside})::INTEGER) < {INSIDE_AT_MOST + 0.1}
        OR avg(({nearly})::INTEGER) < {INSIDE_NEARLY}
    """


def _shifts(staged: str, anchor: str) -> str:
    """Return the query for the hours to add to the instants of a day, by branch and source."""
    near = MARGIN_MINUTES - NEAR_MINUTES
    nearly = f"BETWEEN opens + {near} AND closes - {near}"
    return f"""
    WITH ticket AS (
        SELECT branch_id, data_source_id, local_on AS day,
            (epoch_us(timezone(bw_zone, {anchor})) % 86400000000) / 60000000 AS minute
        FROM {staged} WHERE {anchor} IS NOT NULL AND local_on IS NOT NULL
            AND branch_id IN (SELECT branch_id FROM bw_odd)
    ), judged AS (
        SELECT branch_id, data_source_id, day, opens, closes, median(minute) AS middle,
            quantile_cont(minute, {list(ENDS)}) AS ends,
            avg((minute BETWEEN opens AND closes)::INTEGER) AS inside
        FROM ticket JOIN bw_open USING (branch_id, data_source_id, day)
        GROUP BY branch_id, data_source_id, day, opens, closes
    ), usual AS (
        SELECT branch_id, median(middle) AS usual FROM judged
        WHERE inside >= {INSIDE_AFTER} GROUP BY branch_id
    ), candidate AS (
        SELECT branch_id, data_source_id, day, hours FROM judged,
            (SELECT unnest(range(-{LARGEST_SHIFT_HOURS}, {LARGEST_SHIFT_HOURS + 1})) AS hours)
        WHERE inside < {INSIDE_AT_MOST} AND hours <> 0
        UNION {_moved("judged")}
    ), tried AS (
        SELECT branch_id, data_source_id, day, hours, middle + 60 * hours AS moved,
            avg((minute + 60 * hours BETWEEN opens AND closes)::INTEGER) AS share,
            avg((minute + 60 * hours {nearly})::INTEGER - (minute {nearly})::INTEGER) AS gain
        FROM ticket JOIN judged USING (branch_id, data_source_id, day)
            JOIN candidate USING (branch_id, data_source_id, day)
        GROUP BY branch_id, data_source_id, day, hours, middle
    )
    SELECT branch_id, data_source_id, day, hours FROM tried LEFT JOIN usual USING (branch_id)
    WHERE share >= {INSIDE_AFTER} AND gain > 0
    QUALIFY row_number() OVER (PARTITION BY branch_id, data_source_id, day
        ORDER BY abs(moved - coalesce(usual, moved)), abs(hours), hours) = 1
    """


def _moved(judged: str) -> str:
    """Return the query for days both of whose ends lie whole hours from their usual places."""
    same = "branch_id, data_source_id, opens, closes"
    off = [f"ends[{end}] - usual_ends[{end}]" for end in (1, 2)]
    hours = f"-round(({off[0]} + {off[1]}) / 120)::BIGINT"
    return f"""
        SELECT branch_id, data_source_id, day, {hours} AS hours FROM {judged} JOIN (
            SELECT {same}, [median(ends[1]), median(ends[2])] AS usual_ends FROM {judged}
            GROUP BY ALL HAVING count(*) >= {FEWEST_DAYS}
        ) USING ({same})
        WHERE hours <> 0 AND abs(hours) <= {LARGEST_SHIFT_HOURS}
            AND abs({off[0]} + 60 * hours) <= {ENDS_MINUTES}
            AND abs({off[1]} + 60 * hours) <= {ENDS_MINUTES}
    """
