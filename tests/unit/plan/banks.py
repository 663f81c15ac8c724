"""Small banks made by hand, for the tests of plan."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from branchwise.tables.spec import table_spec

VALUES = pa.schema(
    [
        ("branch_id", pa.string()),
        ("measure", pa.string()),
        ("value", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("count_rows", pa.int64()),
    ]
)


def branches(count, branch_type="light", regions=("R1",), institution="own"):
    """Return a branch table: B00, B01, …, regions in turn."""
    rows = [
        {
            "branch_id": f"B{index:02d}",
            "institution_id": institution,
            "region_id": regions[index % len(regions)],
            "name": f"Branch {index}",
            "branch_type": branch_type,
            "timezone": "Asia/Shanghai",
        }
        for index in range(count)
    ]
    return pa.Table.from_pylist(rows, schema=table_spec("branch").arrow_schema)


def values(rows):
    """Return a long table from (branch, measure, value, lower, upper, rows)."""
    names = VALUES.names
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], schema=VALUES)


def targets(*rows):
    """Return a target table."""
    return pa.Table.from_pylist(list(rows), schema=table_spec("target").arrow_schema)


def shares(measure, counts, true_shares, generator):
    """Return rows of a share counted from visits, with Wilson intervals."""
    rows = []
    for index, (count, share) in enumerate(zip(counts, true_shares, strict=True)):
        hits = generator.binomial(count, share)
        p, z = hits / count, 1.959964
        centre = (p + z * z / (2 * count)) / (1 + z * z / count)
        half = z / (1 + z * z / count) * np.sqrt(p * (1 - p) / count + z * z / (4 * count**2))
        rows.append((f"B{index:02d}", measure, p, centre - half, centre + half, int(count)))
    return rows
