"""How far sources cover branches: days with rows, days missing, tickets without end, doubts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from branchwise.core.ports import Engine
from branchwise.tables.spec import table_names, table_spec

USUAL_SHARE = 0.5
FEW_BRANCHES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What one source has delivered about one branch in one table.

    Attributes
    ----------
    table, branch_id, data_source_id : str
        Of what.
    count_rows : int
        Rows.
    count_days, count_missing : int
        Local days with rows; days without on which rows were expected, see `coverage`.
    first_on, last_on : date
        First and last local day with rows.
    missing_on : tuple of date
        The first five missing days.
    share_endless : float or None
        Of served visits, the share without a recorded end; None for other tables.
    share_suspect : float or None
        Share of visits that are not what they seem; None for other tables.
    """

    table: str
    branch_id: str
    data_source_id: str
    count_rows: int
    count_days: int
    count_missing: int
    first_on: date
    last_on: date
    missing_on: tuple[date, ...]
    share_endless: float | None
    share_suspect: float | None

    def as_json(self) -> dict[str, Any]:
        """Return the record as a JSON object."""
        dates = {"first_on": self.first_on.isoformat(), "last_on": self.last_on.isoformat()}
        missing = [day.isoformat() for day in self.missing_on]
        return {**asdict(self), **dates, "missing_on": missing}


def dated_tables() -> tuple[str, ...]:
    """Return the tables whose rows belong to a branch and a local day."""
    return tuple(
        name
        for name in table_names()
        if {"branch_id", "local_on"} <= table_spec(name).columns.keys()
    )


def coverage(engine: Engine, table: str, relation: str, sources: Sequence[str]) -> list[Coverage]:
    """Return the coverage of every branch by each of some sources.

    A day counts as missing if it lies between the first and the last day of the source, its
    weekday has rows of the branch on at least half of its dates, and, where the source covers
    more than three branches, any other branch has rows on it (a day on which all are closed is a
    holiday). Rows without a branch, as of many complaints, belong to no coverage.

    Parameters
    ----------
    engine : Engine
        Where the rows are.
    table, relation : str
        One of `dated_tables`, and the relation that holds its rows.
    sources : sequence of str
        Data sources.

    Returns
    -------
    list of Coverage
        In order of source and branch.
    """
    tickets = table == "visit"
    endless = (
        "count(*) FILTER (WHERE outcome = 'served' AND left_at IS NULL) "
        "/ nullif(count(*) FILTER (WHERE outcome = 'served'), 0)"
    )
    query = _QUERY.format(
        relation=relation,
        sources=", ".join("'" + source.replace("'", "''") + "'" for source in sources) or "NULL",
        share_endless=endless if tickets else "CAST(NULL AS DOUBLE)",
        share_suspect="avg(is_suspect::INTEGER)" if tickets else "CAST(NULL AS DOUBLE)",
        usual=USUAL_SHARE,
        few=FEW_BRANCHES,
    )
    rows = engine.table(query).to_pylist()
    return [
        Coverage(table=table, **{**row, "missing_on": tuple(row["missing_on"] or ())})
        for row in rows
    ]


_QUERY = """
WITH given AS (
    SELECT * FROM {relation}
    WHERE data_source_id IN ({sources}) AND local_on IS NOT NULL AND branch_id IS NOT NULL
), seen AS (
    SELECT DISTINCT data_source_id, branch_id, local_on FROM given
), span AS (
    SELECT data_source_id, min(local_on) AS first_on, max(local_on) AS last_on,
        count(DISTINCT branch_id) AS branches
    FROM seen GROUP BY ALL
), calendar AS (
    SELECT data_source_id, branches,
        unnest(generate_series(first_on, last_on, INTERVAL 1 DAY))::DATE AS local_on
    FROM span
), branch_days AS (
    SELECT calendar.*, branch_id FROM calendar
    JOIN (SELECT DISTINCT data_source_id, branch_id FROM seen) USING (data_source_id)
), marked AS (
    SELECT branch_days.*, seen.local_on IS NOT NULL AS is_there,
        avg((seen.local_on IS NOT NULL)::INTEGER) OVER (
            PARTITION BY data_source_id, branch_id, isodow(local_on)) AS usual,
        count(seen.local_on) OVER (PARTITION BY data_source_id, local_on) AS others
    FROM branch_days LEFT JOIN seen USING (data_source_id, branch_id, local_on)
), missing AS (
    SELECT data_source_id, branch_id, count(*) AS count_missing,
        list_slice(list(local_on ORDER BY local_on), 1, 5) AS missing_on
    FROM marked
    WHERE NOT is_there AND usual >= {usual} AND (branches <= {few} OR others > 0)
    GROUP BY ALL
), counted AS (
    SELECT data_source_id, branch_id, count(*) AS count_rows,
        count(DISTINCT local_on) AS count_days, min(local_on) AS first_on,
        max(local_on) AS last_on, {share_endless} AS share_endless,
        {share_suspect} AS share_suspect
    FROM given GROUP BY ALL
)
SELECT counted.*, coalesce(count_missing, 0) AS count_missing, missing_on
FROM counted LEFT JOIN missing USING (data_source_id, branch_id)
ORDER BY data_source_id, branch_id
"""
