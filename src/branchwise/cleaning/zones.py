"""Which time zone the local times of a row are read in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from branchwise.core.errors import Where, failure
from branchwise.engines.duckdb import literal

if TYPE_CHECKING:
    from branchwise.cleaning.model import Context, Piece
    from branchwise.core.ports import Engine
    from branchwise.tables.spec import TableSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """The zone of a piece's rows as SQL.

    Attributes
    ----------
    value : str
        An expression: a literal where one zone holds for all rows, which is fastest.
    joined : str
        What to join to the rows for it; empty where nothing.
    """

    value: str
    joined: str = ""

    @property
    def is_constant(self) -> bool:
        """Whether one zone holds for all rows."""
        return not self.joined


def zone_of(
    engine: Engine, piece: Piece, spec: TableSpec, context: Context, branch: str | None
) -> Zone:
    """Return how to find the zone of each row.

    The zone is the branch's own; the source's where the branch is unknown, names no zone that
    exists, or the table has no branch. A branch code that lost its leading zeros finds its branch
    if only one can be meant.

    Parameters
    ----------
    engine : Engine
        Where the branches are.
    piece : Piece
        Its ``timezone`` is the fall-back.
    spec : TableSpec
        The table of the rows.
    context : Context
        Holds the relation of branches, if any.
    branch : str or None
        SQL expression of the row's branch code.

    Raises
    ------
    BranchwiseError
        [BW-CLN-001] if the zone of the piece is no zone.
    """
    own = literal(piece.timezone)
    if not _count(engine, f"SELECT count(*) AS n FROM pg_timezone_names() WHERE name = {own}"):
        place = Where(place=piece.data_source_id, column="timezone")
        raise failure("BW-CLN-001", place, zone=piece.timezone, source=piece.data_source_id)
    branches = context.references.get("branch")
    if spec.name == "branch" or branch is None or branches is None:
        return Zone(value=own)
    known = (
        f"SELECT branch_id, timezone FROM {branches}"
        " WHERE timezone IN (SELECT name FROM pg_timezone_names())"
    )
    if not _count(engine, f"SELECT count(*) AS n FROM ({known}) WHERE timezone <> {own}"):
        return Zone(value=own)
    engine.materialise(
        "bw_branch_zone",
        f"WITH known AS ({known}), named AS ("
        " SELECT branch_id AS code, any_value(timezone) AS zone FROM known GROUP BY ALL),"
        " short AS (SELECT ltrim(code, '0') AS code, any_value(zone) AS zone FROM named"
        " GROUP BY ALL HAVING count(*) = 1)"
        " FROM named UNION ALL FROM short WHERE code NOT IN (SELECT code FROM named)",
    )
    return Zone(
        value=f"coalesce(bw_branch_zone.zone, {own})",
        joined=f"LEFT JOIN bw_branch_zone ON bw_branch_zone.code = {branch}",
    )


def _count(engine: Engine, query: str) -> int:
    return int(engine.table(query).to_pylist()[0]["n"])
