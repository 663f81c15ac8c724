"""Compute measures by any reachable column, as one long table."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from branchwise.core.ports import Engine
from branchwise.measures.catalogue import Measure, measures_named
from branchwise.measures.distributions import distribution_cells
from branchwise.measures.equity import inequality_cells
from branchwise.measures.filters import Filter, comparing
from branchwise.measures.ratios import ratio_cells
from branchwise.measures.request import Request
from branchwise.tables.assumptions import Assumptions, default_assumptions

_RATIOS = ("total", "ratio", "proportion")


def compute(
    engine: Engine,
    names: Sequence[str],
    *,
    by: Sequence[str] = (),
    where: str | None = None,
    assumptions: Assumptions | None = None,
) -> pa.Table:
    """Return measures by cell, with 95 % intervals.

    Parameters
    ----------
    engine : Engine
        In which the canonical tables are registered under their names.
    names : sequence of str
        Measures (``queues.wait_p90_seconds``) or subjects (``queues``).
    by : sequence of str
        Columns that each measure's rows reach by many-to-one references, for example
        ``branch_id``, ``region_id``, ``iso_weekday`` or ``branch.name``.
    where : str, optional
        Condition on the rows, see :class:`branchwise.measures.filters.Filter`.
    assumptions : Assumptions, optional
        Standards and costs; the packaged ones by default.

    Returns
    -------
    pyarrow.Table
        One row a cell and measure: the dimensions as asked for, ``measure``, ``value``, ``lower``,
        ``upper`` (null where there is no estimate or fewer rows than the measure's minimum) and
        ``count_rows``. In order of measure as named, then of the dimensions.

    Raises
    ------
    BranchwiseError
        [BW-MEA-001] for an unknown name; [BW-MEA-002] for a column out of reach; [BW-MEA-003] for
        an ambiguous one; [BW-MEA-004] for a condition that is not allowed; [BW-MEA-005] for a
        column that identifies a person; [BW-MEA-006] for inequality of single branches.

    Examples
    --------
    >>> from branchwise.engines.duckdb import open_duckdb
    >>> from branchwise.tables.spec import table_spec
    >>> with open_duckdb() as engine:
    ...     engine.register_files("visit", [], schema=table_spec("visit").arrow_schema)
    ...     compute(engine, ["queues.visits"]).column_names
    ['measure', 'value', 'lower', 'upper', 'count_rows']
    """
    measures = measures_named(list(names))
    request = Request(
        engine=engine,
        by=tuple(dict.fromkeys(by)),
        where=None if where is None else Filter(where),
        assumptions=assumptions or default_assumptions(),
    )
    ratios = [measure for measure in measures if measure.kind in _RATIOS]
    inequalities = [measure for measure in measures if measure.kind == "inequality"]
    distributions = [
        measure for measure in measures if measure not in ratios and measure not in inequalities
    ]
    with comparing(where):
        tables = {
            measure.name: table
            for group, cells in (
                (ratios, ratio_cells(request, ratios)),
                (distributions, distribution_cells(request, distributions)),
                (inequalities, inequality_cells(request, inequalities)),
            )
            for measure, table in zip(group, cells, strict=True)
        }
    return _in_order(measures, tables, request.by)


def _in_order(
    measures: Sequence[Measure], tables: dict[str, pa.Table], by: Sequence[str]
) -> pa.Table:
    sorting = [(name, "ascending") for name in by]
    ordered = [
        tables[measure.name].sort_by(sorting) if by else tables[measure.name]
        for measure in measures
    ]
    return pa.concat_tables(ordered, promote_options="permissive")
