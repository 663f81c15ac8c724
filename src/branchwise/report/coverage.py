"""Which days each source delivered for each branch: the warehouse's counts, with their runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta

from branchwise.cleaning.stitching import Side, Stitching
from branchwise.core.ports import Engine
from branchwise.report.deliveries import Coverage, Source
from branchwise.warehouse.coverage import coverage as covered

DAILY_TABLES = ("visit", "transaction", "shift")
SIDES: dict[str, Side] = {"visit": "services", "transaction": "transactions"}
COUNTED_TABLES = (
    *DAILY_TABLES,
    "visit_step",
    "device_event",
    "complaint",
    "survey_response",
    "branch",
    "staff_member",
    "device",
    "customer",
)
ONE_DAY = timedelta(days=1)


def sources(engine: Engine) -> tuple[Source, ...]:
    """Return the sources, with the rows of theirs that stand in the warehouse."""
    count = " UNION ALL ".join(
        f"SELECT data_source_id, count(*) AS many FROM {table} GROUP BY ALL"  # noqa: S608
        for table in COUNTED_TABLES
    )
    query = (
        "SELECT s.data_source_id, any_value(s.name) AS name, any_value(s.system) AS system, "  # noqa: S608
        "coalesce(sum(c.many), 0)::BIGINT AS count_rows, any_value(s.last_loaded_at) AS loaded_at "
        f"FROM data_source AS s LEFT JOIN ({count}) AS c USING (data_source_id) "
        "GROUP BY s.data_source_id ORDER BY s.data_source_id"
    )
    return tuple(Source(**row) for row in engine.table(query).to_pylist())


def coverage(engine: Engine, stitched: Iterable[Stitching] = ()) -> tuple[Coverage, ...]:
    """Return what each source that delivers daily gave for each branch.

    Days, missing days and shares are those of `warehouse.coverage`. A source that feeds several
    daily tables counts with the first of visits, transactions and shifts.

    Parameters
    ----------
    engine : Engine
        With the canonical tables.
    stitched : iterable of Stitching
        What `cleaning.stitching` found.
    """
    sides = {(one.data_source_id, one.branch_id, one.side): one for one in stitched}
    rows: dict[tuple[str, str], Coverage] = {}
    named = [source.data_source_id for source in sources(engine)]
    for table in DAILY_TABLES:
        days = _days(engine, table)
        for held in covered(engine, table, table, named):
            key = (held.data_source_id, held.branch_id)
            found = Coverage(
                branch_id=held.branch_id,
                data_source_id=held.data_source_id,
                spells=spells(days[key]),
                count_days=held.count_days,
                count_missing=held.count_missing,
                count_rows=held.count_rows,
                share_endless=held.share_endless,
                share_suspect=held.share_suspect,
                stitching=sides.get((*key, SIDES[table])) if table in SIDES else None,
            )
            rows.setdefault(key, found)
    return tuple(rows[key] for key in sorted(rows))


def spells(days: Collection[date]) -> tuple[tuple[date, date], ...]:
    """Return runs of consecutive days, both ends included.

    Examples
    --------
    >>> spells([date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 5)])[0][1]
    datetime.date(2026, 3, 3)
    """
    runs: list[tuple[date, date]] = []
    for day in sorted(days):
        if runs and runs[-1][1] + ONE_DAY == day:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return tuple(runs)


def _days(engine: Engine, table: str) -> dict[tuple[str, str], list[date]]:
    query = (
        f"SELECT DISTINCT data_source_id, branch_id, local_on FROM {table} "  # noqa: S608
        "WHERE local_on IS NOT NULL"
    )
    found: dict[tuple[str, str], list[date]] = defaultdict(list)
    for row in engine.table(query).to_pylist():
        found[row["data_source_id"], row["branch_id"]].append(row["local_on"])
    return found
