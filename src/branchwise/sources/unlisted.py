"""The codes in a delivery that no code list gives a meaning."""

from __future__ import annotations

from branchwise.engines.duckdb import literal
from branchwise.sources.codes import UNLISTED
from branchwise.sources.mapping import TableRule

CODES_AT_MOST = 500


def unlisted_query(rule: TableRule, relation: str) -> str:
    """Return the query of the codes that a table of a mapping meets and no list explains.

    Parameters
    ----------
    rule : TableRule
        The table; its expressions say which lists they use.
    relation : str
        The rows of the file.

    Returns
    -------
    str
        A query of ``column_name``, ``list``, ``code``, ``count_rows`` and ``branch_id`` (the first
        in order of its code); an empty text where the table uses no list.
    """
    probes = {name: each.probe for name, each in rule.columns.items() if each.probe}
    if not probes:
        return ""
    branch = rule.columns.get("branch_id")
    branch_sql = f"CAST({branch.sql} AS VARCHAR)" if branch else "CAST(NULL AS VARCHAR)"
    marked = ", ".join(
        f"{{'name': {literal(name)}, 'mark': CAST({sql} AS VARCHAR)}}"
        for name, sql in probes.items()
    )
    where = f" AND ({rule.where.sql})" if rule.where else ""
    sign = f"chr({ord(UNLISTED)})"
    return (
        "SELECT probe.name AS column_name, "  # noqa: S608 - parsed expressions of the mapping
        f"split_part(probe.mark, {sign}, 2) AS list, split_part(probe.mark, {sign}, 3) AS code, "
        "count(*) AS count_rows, min(branch_id) AS branch_id FROM ("
        f"SELECT unnest([{marked}]) AS probe, {branch_sql} AS branch_id FROM {relation} "
        f"WHERE source_fault IS NULL{where}) "
        f"WHERE starts_with(probe.mark, {sign}) AND split_part(probe.mark, {sign}, 3) <> '' "
        f"GROUP BY ALL ORDER BY list, count_rows DESC, code, column_name LIMIT {CODES_AT_MOST}"
    )
