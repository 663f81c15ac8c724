"""Quantities so far from the others of their group that they are no quantities.

The distance is the modified z score 0.6745 (x - median) / MAD on the scale that the spec names
(Iglewicz and Hoaglin 1993); median and MAD stand half of the data being wrong (Rousseeuw and Croux
1993). A group of fewer than 20 rows, and rows that lack a column of the group, are judged by the
next wider group, which leaves out the last column: service times by branch and service, then by
branch, then by the whole table. Tables of fewer than 20 rows are not judged, nor are groups whose
MAD is zero. Suspect records are neither judged nor used.

References
----------
Iglewicz and Hoaglin (1993), How to detect and handle outliers, ASQC Quality Press.
Rousseeuw and Croux (1993), Alternatives to the median absolute deviation, Journal of the American
Statistical Association 88(424), 1273-1283, doi:10.1080/01621459.1993.10476408.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from branchwise.cleaning.fills import candidate

if TYPE_CHECKING:
    from branchwise.cleaning.effects import Ledger
    from branchwise.tables.spec import Column, Outlier

CONSISTENCY = 0.6745
SMALLEST_GROUP = 20
ROUNDS = 20


def empty_outliers(ledger: Ledger) -> None:
    """Empty outlying values, group by group, until none is left.

    One far value can hide another by widening the spread, hence the rounds.
    """
    for column in ledger.spec.columns.values():
        if column.outlier is not None:
            for _ in range(ROUNDS):
                if not _empty(ledger, column, column.outlier):
                    break


def _empty(ledger: Ledger, column: Column, rule: Outlier) -> int:
    usable = _usable(ledger, column, rule)
    _spread(ledger, column, rule, usable)
    name = column.name
    new = candidate(column, ledger.words) if column.fill else "NULL"
    judged = (
        f'SELECT bw_id AS id, "{name}" AS given, {new}::DOUBLE AS other, {_list(rule)}'
        f" FROM {ledger.staged} WHERE {usable}"
    )
    found = (
        f"SELECT id, CASE WHEN NOT ({_far('other', rule)}) THEN other END AS new"
        f" FROM ({judged}) AS judged JOIN bw_spread AS own ON {_same('judged', rule.within)}"
        f" WHERE n >= {SMALLEST_GROUP} AND {_far('given', rule)}"
    )
    return ledger.replace("outlier", name, None) if ledger.hit(found) else 0


def _spread(ledger: Ledger, column: Column, rule: Outlier, usable: str) -> None:
    """Keep median, MAD and size of the group that each narrowest group is judged by."""
    x = _scaled('"' + column.name + '"', rule)
    values = f"SELECT {_list(rule)}, {x} AS x FROM {ledger.staged} WHERE {usable}"
    ledger.engine.materialise("bw_spread", _grouped(values, rule.within))
    for width in reversed(range(len(rule.within))):
        if not ledger.ask(f"SELECT count(*) AS n FROM bw_spread WHERE n < {SMALLEST_GROUP}"):
            return
        wider = rule.within[:width]
        ledger.engine.materialise("bw_wider", _grouped(values, wider))
        chosen = ", ".join(
            f"CASE WHEN own.n < {SMALLEST_GROUP} THEN bw_wider.{name} ELSE own.{name} END AS {name}"
            for name in ("middle", "spread", "n")
        )
        ledger.engine.materialise(
            "bw_spread",
            f"SELECT own.* REPLACE ({chosen}) FROM bw_spread AS own"
            f" JOIN bw_wider ON {_same('bw_wider', wider)}",
        )


def _grouped(values: str, within: Sequence[str]) -> str:
    """Return the query of median, MAD and size of groups; one without a name has the size 0."""
    named = " AND ".join(f'"{name}" IS NOT NULL' for name in within) or "true"
    listed = "".join(f'"{name}", ' for name in within)
    measured = f"median(x) AS middle, mad(x) AS spread, count(*) FILTER (WHERE {named}) AS n"
    return f"SELECT {listed}{measured} FROM ({values}) GROUP BY ALL"


def _same(other: str, within: Sequence[str]) -> str:
    return " AND ".join(f'{other}."{n}" IS NOT DISTINCT FROM own."{n}"' for n in within) or "true"


def _usable(ledger: Ledger, column: Column, rule: Outlier) -> str:
    conditions = [f'"{column.name}" IS NOT NULL']
    if "is_suspect" in ledger.spec.columns:
        conditions.append("NOT is_suspect")
    if rule.scale == "log":
        conditions.append(f'"{column.name}" > 0')
    return " AND ".join(conditions)


def _list(rule: Outlier) -> str:
    return ", ".join(f'"{name}"' for name in rule.within)


def _scaled(value: str, rule: Outlier) -> str:
    return f"ln({value})" if rule.scale == "log" else value


def _far(value: str, rule: Outlier) -> str:
    scaled = _scaled(value, rule)
    usable = f"{value} > 0 AND " if rule.scale == "log" else ""
    return f"{usable}spread > 0 AND {CONSISTENCY} * abs({scaled} - middle) > {rule.limit} * spread"
