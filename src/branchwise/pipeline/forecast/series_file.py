"""Forecast any regular series of a CSV file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from branchwise.core.errors import Where, failure
from branchwise.core.ports import Executor
from branchwise.core.progress import Progress, silent
from branchwise.engines.executors import ProcessExecutor, SerialExecutor
from branchwise.models.forecast.regular import regular
from branchwise.models.forecast.series import Array, Times
from branchwise.pipeline.forecast.series_ends import by_end, forecast_each, portfolio_of
from branchwise.pipeline.forecast.series_report import SeriesReport
from branchwise.pipeline.forecast.series_words import READING, WORKING
from branchwise.pipeline.forecast.time_forms import TimeForm

if TYPE_CHECKING:
    import pyarrow as pa

MOST_VALUES = 200_000_000
MOST_HORIZON = 100_000
SERIES_WORTH_PROCESSES = 24
PERCENT = 100
MISSING = ("", "NA", "NaN", "nan", "null", "NULL", "None")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Names of the columns of a file: series, time and value."""

    series: str
    time: str
    value: str


def series_file(
    path: Path,
    columns: Columns,
    *,
    horizon: int,
    levels: Sequence[float] = (80, 95),
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
) -> SeriesReport:
    """Forecast every series of a file.

    Parameters
    ----------
    path : Path
        CSV in UTF-8 with a line of headings.
    columns : Columns
        Which columns are which.
    horizon : int
        Slots ahead, 1 or more, counted from the last value of each series.
    levels : sequence of float
        Coverages of the intervals, in percent (80) or as shares (0.8).
    seed : int
        Seed of all chance.
    workers : int, optional
        Processes; as many as it is worth by default. The result does not depend on it.
    progress : Progress, optional
        Where the work tells how far it is.

    Returns
    -------
    SeriesReport

    Raises
    ------
    BranchwiseError
        [BW-FOR-001] to [BW-FOR-010]: an unreadable file, unknown columns, repeated rows, no common
        step, holes, unreadable times or values, nothing to read, options out of range (a horizon
        beyond the year 9999 among them), too much.
    """
    shares = _shares(levels)
    if not 1 <= horizon <= MOST_HORIZON:
        raise failure("BW-FOR-009", option="--horizon", value=horizon, rule=f"1–{MOST_HORIZON:,}")
    telling = progress or silent()
    with telling.task(READING):
        names, series, times, values, form = _read(path, columns)
        _fits(len(names), times)
        found = regular(names, series, times, values, horizon)
        _ends_in_time(form, found.panel.times, horizon)
        parts = by_end(found.panel)
        size = portfolio_of(found.panel, len(parts))
    with telling.task(WORKING), _executor(found.panel.ids, size, workers) as pool:
        ahead = forecast_each(parts, size, levels=shares, seed=seed, executor=pool)
    return SeriesReport(path=path.name, form=form, found=found, parts=parts, ahead=ahead, size=size)


def _ends_in_time(form: TimeForm, times: Times, horizon: int) -> None:
    """Refuse a horizon with times that cannot be written."""
    beyond = len(times) - form.count_writable(times)
    if beyond > 0:
        rule = f"N ≤ {max(horizon - beyond, 0):,} (≤ 9999-12-31)"
        raise failure("BW-FOR-009", option="--horizon", value=horizon, rule=rule)


def _shares(levels: Sequence[float]) -> tuple[float, ...]:
    shares = sorted({level / PERCENT if level > 1 else float(level) for level in levels})
    if not shares or not all(0 < share < 1 for share in shares):
        said = ", ".join(f"{level:g}" for level in levels)
        raise failure("BW-FOR-009", option="--level", value=said, rule="0 < level < 100")
    return tuple(round(share, 6) for share in shares)


def _executor(
    ids: Sequence[str], size: str, workers: int | None
) -> AbstractContextManager[Executor]:
    worth = size == "full" and len(ids) >= SERIES_WORTH_PROCESSES
    return ProcessExecutor(workers) if worth and workers != 1 else SerialExecutor()


def _fits(series: int, times: NDArray[Any]) -> None:
    slots = len(np.unique(times))
    if series * slots > MOST_VALUES:
        raise failure("BW-FOR-010", series=series, slots=slots, most=f"{MOST_VALUES:,}")


def _read(
    path: Path, columns: Columns
) -> tuple[list[str], NDArray[np.int64], NDArray[Any], Array, TimeForm]:
    """Return names, series of each row, times, values, and how times are written."""
    table = _table(path, columns)
    values = _values(table.column(columns.value), columns.value)
    keys = table.column(columns.series).combine_chunks().fill_null("").dictionary_encode()
    codes = np.asarray(keys.indices, np.int64)
    names = [str(name) for name in keys.dictionary.to_pylist()]
    order = np.argsort(np.array(names), kind="stable")
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    times, form = _times(table.column(columns.time), columns.time)
    return [names[place] for place in order], rank[codes], times, values, form


def _table(path: Path, columns: Columns) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv

    wanted = [columns.series, columns.time, columns.value]
    try:
        head = csv.open_csv(path).schema.names
        for column in wanted:
            if column not in head:
                known = ", ".join(head)
                raise failure("BW-FOR-002", Where(place=path.name), column=column, known=known)
        options = csv.ConvertOptions(
            include_columns=list(dict.fromkeys(wanted)),
            column_types=dict.fromkeys(wanted, pa.string()),
            strings_can_be_null=False,
        )
        table = csv.read_csv(path, convert_options=options)
    except (OSError, pa.ArrowInvalid) as error:
        reason = str(error).splitlines()[0]
        raise failure("BW-FOR-001", path=path.name, reason=reason) from error
    if not table.num_rows:
        raise failure("BW-FOR-008", Where(place=path.name))
    return table


def _values(column: pa.ChunkedArray, name: str) -> Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pc.utf8_trim_whitespace(column).combine_chunks()
    missing = pc.is_in(texts, value_set=pa.array(MISSING))
    texts = pc.if_else(missing, pa.scalar(None, pa.string()), texts)
    number = pc.match_substring_regex(texts, r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$")
    wrong = pc.filter(texts, pc.invert(number))
    if len(wrong):
        where = Where(column=name, count=len(wrong))
        raise failure("BW-FOR-007", where, count=len(wrong), example=repr(wrong[0].as_py()))
    values = np.asarray(pc.cast(pc.utf8_ltrim(texts, "+"), pa.float64()), np.float64)
    if np.isinf(values).any() or np.isnan(values).all():
        raise failure("BW-FOR-008", Where(column=name))
    return values


def _times(column: pa.ChunkedArray, name: str) -> tuple[NDArray[Any], TimeForm]:
    import pyarrow.compute as pc

    keys = pc.utf8_trim_whitespace(column).combine_chunks().dictionary_encode()
    texts = [str(text) for text in keys.dictionary.to_pylist()]
    form = TimeForm.of(texts) or TimeForm.of(_usual(texts))
    read = form.read(texts) if form and TimeForm.of(texts) else None
    wrong = [text for text in texts if form is None or TimeForm.of([text]) is None]
    if read is not None and read.dtype.kind == "M":
        wrong = [text for text, time in zip(texts, read, strict=True) if np.isnat(time)]
    if form is None or read is None or wrong:
        odd = wrong or [text for text in texts if form and TimeForm.of([text]) != form][:1] or texts
        where = Where(column=name, count=len(odd))
        raise failure("BW-FOR-006", where, count=len(odd), example=repr(odd[0]))
    return read[np.asarray(keys.indices)], form


def _usual(texts: Sequence[str]) -> list[str]:
    """Return the texts that can be read on their own, to say which cannot."""
    return [text for text in texts[:1] if TimeForm.of([text])]
