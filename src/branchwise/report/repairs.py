"""What cleaning changed and what it set aside, counted with examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from branchwise.core.ports import Engine
from branchwise.report.deliveries import QuarantineLine, RepairRule
from branchwise.tables.spec import table_names, table_spec

EXAMPLES, SHOWN, LONGEST = 2, 40, 60
REPAIRS = f"""
SELECT rule, table_name, coalesce(column_name, '') AS column_name, action, count(*) AS many,
       list(original ORDER BY repair_id)[1:{EXAMPLES}] AS originals,
       list(repaired ORDER BY repair_id)[1:{EXAMPLES}] AS repaired
FROM repair GROUP BY ALL ORDER BY many DESC, table_name, column_name, rule, action LIMIT {SHOWN}
"""  # noqa: S608 - numbers of our own
QUARANTINE = f"""
SELECT rule, table_name, min(reason) AS reason, count(*) AS many,
       list(row_key ORDER BY quarantine_id)[1:{EXAMPLES}] AS keys
FROM quarantine GROUP BY rule, table_name, regexp_extract(reason, '^[a-z_0-9]+')
ORDER BY many DESC, table_name, rule, reason LIMIT {SHOWN}
"""  # noqa: S608 - numbers of our own


def repairs(engine: Engine) -> tuple[RepairRule, ...]:
    """Return the repairs by rule and column, the most frequent first.

    Parameters
    ----------
    engine : Engine
        With the table ``repair``.
    """
    rows = engine.table(REPAIRS).to_pylist()
    return tuple(
        RepairRule(
            rule=row["rule"],
            table=row["table_name"],
            column=row["column_name"],
            action=row["action"],
            count=row["many"],
            examples=_examples(row),
        )
        for row in rows
    )


def quarantine(engine: Engine) -> tuple[QuarantineLine, ...]:
    """Return the rows in quarantine by rule and column, with one reason as an example."""
    return tuple(
        QuarantineLine(
            rule=row["rule"],
            table=row["table_name"],
            reason=row["reason"],
            count=row["many"],
            examples=tuple(_short(key) for key in row["keys"] if key),
        )
        for row in engine.table(QUARANTINE).to_pylist()
    )


def _examples(row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return before and after, where the column holds nothing of a person."""
    table, column = row["table_name"], row["column_name"]
    if table not in table_names() or column not in table_spec(table).columns:
        return ()
    if table_spec(table).columns[column].privacy != "none":
        return ()
    return _pairs(row["originals"], row["repaired"])


def _pairs(originals: list[str | None], repaired: list[str | None]) -> tuple[tuple[str, str], ...]:
    pairs = zip(originals, repaired, strict=False)
    return tuple((_short(old), _short(new)) for old, new in pairs if old or new)


def _short(text: str | None) -> str:
    words = text or ""
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"
