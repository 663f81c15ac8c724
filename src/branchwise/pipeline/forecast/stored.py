"""The table ``forecast``: rows of what was said, and how good it was once the days had come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from branchwise.core.ports import Engine
from branchwise.pipeline.forecast.asked import WITHIN_DAY, Asked
from branchwise.pipeline.forecast.gathered import Gathered
from branchwise.pipeline.forecast.made import Made
from branchwise.tables.spec import table_spec
from branchwise.warehouse.store import Warehouse

NEW = "forecast_made"
UNION = "forecast_kept"
_KEY = "snapshot_id, measure, grain, series, local_on, starts_minute, level"
_KEPT = """
SELECT {columns} FROM forecast ANTI JOIN forecast_made USING ({key})
UNION ALL BY NAME
SELECT made.* REPLACE (coalesce(old.made_at, made.made_at) AS made_at)
FROM forecast_made made LEFT JOIN forecast old
    ON {same}
"""
_EARLIER = """
SELECT series, local_on, starts_minute, level, mean, lower, upper, plain, snapshot_id
FROM forecast
WHERE measure = $measure AND grain = $grain AND local_on BETWEEN $first AND $last
    AND local_on > last_on
ORDER BY ALL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How good earlier forecasts were.

    Attributes
    ----------
    depth : int
        Of the hierarchy: 0 the bank.
    count : int
        Forecast slots that have come since.
    wmape, plain_wmape : float
        Sum of absolute errors over the sum of what came; of the seasonal naive at the same time.
    value_added : float or None
        1 - error ÷ error of the seasonal naive: above 0 the model was worth it.
    coverage : mapping of float to float
        Share of slots within the interval, by level.
    """

    depth: int
    count: int
    wmape: float
    plain_wmape: float
    value_added: float | None
    coverage: Mapping[float, float]

    def as_json(self) -> dict[str, Any]:
        """Return the record as a JSON object."""
        return {
            "depth": self.depth,
            "count": self.count,
            "wmape": self.wmape,
            "seasonal_naive_wmape": self.plain_wmape,
            "forecast_value_added": self.value_added,
            "coverage": {str(level): share for level, share in self.coverage.items()},
        }


def forecast_rows(
    asked: Asked, found: Gathered, made: Made, *, data_id: str, currency: str, now: datetime
) -> pa.Table:
    """Return the rows of the table ``forecast``.

    Parameters
    ----------
    asked, found, made : Asked, Gathered, Made
        What was wished, read and forecast.
    data_id : str
        The state of the data.
    currency : str
        Of amounts.
    now : datetime
        When.
    """
    count, slots = made.mean.shape
    levels = sorted(made.lower)
    size = count * slots * len(levels)
    paths = [dict(zip(asked.by, path, strict=False)) for path in found.series.tree.paths]

    def each(values: Sequence[Any]) -> list[Any]:
        return [value for value in values for _ in range(slots * len(levels))]

    def slot(values: Sequence[Any]) -> list[Any]:
        once: list[Any] = [value for value in values for _ in levels]
        return [value for _ in range(count) for value in once]

    columns: dict[str, Any] = {
        "snapshot_id": [data_id] * size,
        "measure": [asked.measure] * size,
        "grain": [asked.grain] * size,
        "series": each(made.names),
        "region_id": each([path.get("region") for path in paths]),
        "branch_id": each([path.get("branch") for path in paths]),
        "service_id": each([path.get("service") for path in paths]),
        "channel": each([path.get("channel") for path in paths]),
        "local_on": slot([day for day, _ in made.starts]),
        "starts_minute": slot([minute for _, minute in made.starts]),
        "level": levels * (count * slots),
        "mean": np.repeat(made.mean.ravel(), len(levels)),
        "lower": _limits(made.lower),
        "upper": _limits(made.upper),
        "plain": np.repeat(made.plain.ravel(), len(levels)),
        "model": each(made.model),
        "last_on": [found.last_on] * size,
        "made_at": [now] * size,
        "currency": [currency if asked.measure == "cash" else None] * size,
    }
    return pa.table(columns, schema=table_spec("forecast").arrow_schema)


def _limits(of: Mapping[float, np.ndarray]) -> np.ndarray:
    return np.stack([of[level] for level in sorted(of)], axis=2).ravel()


def store(warehouse: Warehouse, engine: Engine, rows: pa.Table) -> str:
    """Write the rows of a forecast beside the earlier ones, and return the snapshot's code.

    A forecast made again on the same data takes the place of the first and keeps its time, so
    that the same command twice changes nothing.
    """
    engine.register_table(NEW, rows)
    names = list(table_spec("forecast").columns)
    key = [name.strip() for name in _KEY.split(",")]
    same = " AND ".join(f"made.{name} = old.{name}" for name in key)
    query = _KEPT.format(columns=", ".join(names), key=_KEY, same=same)
    engine.materialise(UNION, query)
    with warehouse.writing(engine) as writing:
        writing.replace("forecast", UNION)
        return writing.publish().snapshot_id


def scores(engine: Engine, asked: Asked, found: Gathered) -> tuple[Score, ...]:
    """Return how good the stored forecasts of the same measure and grain were, by level of sum.

    Only slots of open days that have come and are not missing are scored; a slot that was
    forecast several times, on different data, counts each time.
    """
    series, days = found.series, found.series.days
    first = days.days[0]
    named: dict[str, Any] = {
        "measure": asked.measure, "grain": asked.grain, "first": first, "last": found.last_on,
    }  # fmt: skip
    rows = engine.table(_EARLIER, named).to_pylist()
    places = {name: row for row, name in enumerate(series.names)}
    by_depth: dict[int, list[tuple[dict[str, Any], float]]] = {}
    for row in rows:
        place = places.get(row["series"])
        truth = None if place is None else _truth(found, asked, place, row)
        if place is not None and truth is not None:
            by_depth.setdefault(len(series.tree.paths[place]), []).append((row, truth))
    return tuple(_score(depth, pairs) for depth, pairs in sorted(by_depth.items()))


def _truth(found: Gathered, asked: Asked, place: int, row: Mapping[str, Any]) -> float | None:
    """Return what came in a slot, or None where it was closed, is missing or has not ended."""
    series, days = found.series, found.series.days
    day = (row["local_on"] - days.days[0]).days
    if asked.grain in WITHIN_DAY:
        slot = row["starts_minute"] * series.values.shape[2] // 1440
        value = series.values[place, day, slot]
        return float(value) if series.is_open[place, day, slot] and np.isfinite(value) else None
    count = 1
    if asked.grain == "week":
        count = 7
    elif asked.grain == "month":
        following = (row["local_on"].replace(day=28).toordinal()) + 4
        month_end = datetime.fromordinal(following).replace(day=1, tzinfo=UTC).toordinal()
        count = month_end - row["local_on"].toordinal()
    if day + count > days.steps:
        return None
    opened = series.is_open[place, day : day + count, 0]
    values = series.values[place, day : day + count, 0][opened]
    return float(values.sum()) if values.size and np.isfinite(values).all() else None


def _score(depth: int, pairs: Sequence[tuple[Mapping[str, Any], float]]) -> Score:
    levels = sorted({row["level"] for row, _ in pairs})
    one = [(row, truth) for row, truth in pairs if row["level"] == levels[0]]
    total = sum(abs(truth) for _, truth in one) or 1e-12
    error = sum(abs(truth - row["mean"]) for row, truth in one)
    plain = sum(abs(truth - row["plain"]) for row, truth in one if row["plain"] is not None)
    coverage = {}
    for level in levels:
        inside = [
            row["lower"] <= truth <= row["upper"] for row, truth in pairs if row["level"] == level
        ]
        coverage[level] = sum(inside) / len(inside)
    return Score(
        depth=depth,
        count=len(one),
        wmape=error / total,
        plain_wmape=plain / total,
        value_added=1 - error / plain if plain > 0 else None,
        coverage=coverage,
    )
