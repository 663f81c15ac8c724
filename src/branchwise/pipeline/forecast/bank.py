"""``forecast``: what will come to the bank, stored beside what was said before."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from branchwise.core.errors import Where, failure
from branchwise.core.progress import Progress, silent
from branchwise.engines.duckdb import open_duckdb
from branchwise.engines.executors import ProcessExecutor, SerialExecutor
from branchwise.models.forecast.series import Forecast, Panel
from branchwise.pipeline.forecast import words
from branchwise.pipeline.forecast.asked import Asked
from branchwise.pipeline.forecast.demand import KINDS
from branchwise.pipeline.forecast.gathered import Gathered, gathered
from branchwise.pipeline.forecast.made import Forecaster, made
from branchwise.pipeline.forecast.panels import Framed, framed
from branchwise.pipeline.forecast.report import ForecastReport
from branchwise.pipeline.forecast.stored import forecast_rows, scores, store
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace

SERIES_WORTH_PROCESSES = 24


def forecast_bank(
    workspace: Path,
    asked: Asked | None = None,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> ForecastReport:
    """Forecast a measure of a workspace, store it, and score what was forecast before.

    Parameters
    ----------
    workspace : Path
        The workspace.
    asked : Asked, optional
        What is to be forecast; see :func:`branchwise.pipeline.forecast.asked.asked`.
    workers : int, optional
        Processes that run the models; those of the cores by default. The result is the same.
    progress : Progress, optional
        Where the work tells how far it is.

    Returns
    -------
    ForecastReport
        A second call on the same data changes nothing in the store.

    Raises
    ------
    BranchwiseError
        [BW-FOR-051] to [BW-FOR-056] as `gathered`, and where no branch is ever open; as
        `Workspace.open` and `Warehouse.snapshot`.
    """
    asked, progress = asked or Asked(), progress or silent()
    opened = Workspace.open(workspace)
    warehouse = Warehouse(opened.warehouse)
    snapshot = warehouse.snapshot()
    bank = opened.bank
    with open_duckdb() as engine:
        warehouse.register(engine, snapshot)
        progress.note(words.READING)
        found = gathered(engine, asked, country=bank.country, currency=bank.currency)
        frame = _framed(asked, found)
        earlier = scores(engine, asked, found)
        title = words.FORECASTING.filled(count=f"{len(frame.panel.ids):,}")
        with progress.task(title, total=1) as task:
            made_now = made(
                found.series, frame, asked.grain, found.blocks, _forecaster(asked, workers)
            )
            task.advance()
        rows = forecast_rows(
            asked, found, made_now, data_id=snapshot.data_id, currency=bank.currency,
            now=datetime.now(tz=UTC).replace(microsecond=0),
        )  # fmt: skip
        progress.note(words.STORING)
        published = store(warehouse, engine, rows)
    return ForecastReport(
        asked=asked,
        found=found,
        made=made_now,
        scores=earlier,
        snapshot_id=published,
        data_id=snapshot.data_id,
        currency=bank.currency,
    )


def _framed(asked: Asked, found: Gathered) -> Framed:
    frame = framed(found.series)
    if frame is None:
        table = KINDS[asked.measure].table
        raise failure("BW-FOR-056", Where(place=table), measure=asked.measure)
    return frame


def _forecaster(asked: Asked, workers: int | None) -> Forecaster:
    """Return what forecasts a panel, in processes where that is worth their start."""
    from branchwise.models.forecast.portfolio import forecast

    def work(panel: Panel) -> Forecast:
        is_worth_it = len(panel.ids) >= SERIES_WORTH_PROCESSES and workers != 1
        with ProcessExecutor(workers) if is_worth_it else SerialExecutor() as pool:
            return forecast(panel, levels=asked.levels, seed=asked.seed, executor=pool)

    return work
