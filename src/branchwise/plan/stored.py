"""Findings as rows of the table ``finding``, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from branchwise.plan.model import Finding, Part, Spot
from branchwise.tables.spec import table_spec

BLOCK_MINUTES = 30
_SAME = (
    "branch_id",
    "measure",
    "kind",
    "value",
    "lower",
    "upper",
    "reference",
    "severity",
    "p_value",
    "q_value",
    "customers_affected",
    "money_minor",
    "currency",
    "rank",
    "theme",
    "worse_ratio",
    "count_rows",
    "peers_scope",
    "mechanism",
    "guarded_measure",
)


def finding_table(findings: Iterable[Finding], snapshot_id: str) -> pa.Table:
    """Return findings as rows of the table ``finding``.

    Parameters
    ----------
    findings : iterable of Finding
        In order of rank.
    snapshot_id : str
        The snapshot they were found in; it becomes part of their codes.
    """
    rows = [_row(finding, snapshot_id) for finding in findings]
    return pa.Table.from_pylist(rows, schema=table_spec("finding").arrow_schema)


def finding_of(row: Mapping[str, Any]) -> Finding:
    """Return a stored finding.

    Parameters
    ----------
    row : mapping
        One row of the table ``finding``.
    """
    start = f"{row['snapshot_id']}|"
    lead = row["lead_finding_id"]
    return Finding(
        **{name: row[name] for name in _SAME},
        finding_id=row["finding_id"].removeprefix(start),
        limit=row["funnel_limit"],
        peers=tuple((row["peers"] or "").split()),
        lead_finding_id=None if lead is None else lead.removeprefix(start),
        spot=_spot_of(row),
        parts=tuple(
            Part(role=role, code=code, amount=amount)
            for role, code, amount in json.loads(row["parts"] or "[]")
        ),
    )


def _row(finding: Finding, snapshot_id: str) -> dict[str, Any]:
    spot = finding.spot
    lead = finding.lead_finding_id
    return {
        **{name: getattr(finding, name) for name in _SAME},
        "finding_id": f"{snapshot_id}|{finding.finding_id}",
        "snapshot_id": snapshot_id,
        "lead_finding_id": None if lead is None else f"{snapshot_id}|{lead}",
        "funnel_limit": finding.limit,
        "peers": " ".join(finding.peers) or None,
        "parts": _written(finding.parts),
        "worst_weekday": spot and spot.iso_weekday,
        "worst_starts_minute": spot and spot.starts_minute,
        "worst_business_line": spot and spot.business_line,
        "worst_of": spot and spot.hits,
        "worst_share": spot and spot.share,
        "worst_customers": spot and spot.customers_affected,
        "authorisation_share": spot and spot.authorisation_share,
        "windows_short": spot and spot.windows_short,
    }


def _written(parts: tuple[Part, ...]) -> str | None:
    if not parts:
        return None
    return json.dumps([[part.role, part.code, part.amount] for part in parts], ensure_ascii=False)


def _spot_of(row: Mapping[str, Any]) -> Spot | None:
    if row["worst_weekday"] is None:
        return None
    return Spot(
        branch_id=row["branch_id"],
        iso_weekday=row["worst_weekday"],
        starts_minute=row["worst_starts_minute"],
        ends_minute=row["worst_starts_minute"] + BLOCK_MINUTES,
        business_line=row["worst_business_line"],
        hits=row["worst_of"],
        share=row["worst_share"],
        customers_affected=row["worst_customers"],
        authorisation_share=row["authorisation_share"],
        windows_short=row["windows_short"],
    )
