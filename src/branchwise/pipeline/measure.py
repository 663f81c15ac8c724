"""Measure a workspace: open its latest snapshot, compute, hide small cells of persons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from branchwise.core.languages import Language, Text
from branchwise.core.ports import Engine
from branchwise.core.progress import Progress, silent
from branchwise.core.tabulation import Tabulation
from branchwise.core.units import quantity, unit
from branchwise.engines.duckdb import open_duckdb
from branchwise.measures.catalogue import Measure, catalogue, measures_named
from branchwise.measures.compare import Period, beside, periods, within
from branchwise.measures.compute import compute
from branchwise.measures.filters import Filter
from branchwise.measures.references import relation_columns, resolve
from branchwise.measures.request import DAY
from branchwise.tables.assumptions import Assumptions, load_assumptions
from branchwise.tables.spec import table_names
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace

SMALL_CELL = 10
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureReport:
    """Measures of a workspace, or the list of what can be measured.

    Attributes
    ----------
    measures : tuple of Measure
        The definitions, in the order of the rows.
    assumptions : Assumptions
        Standards and costs in force.
    by : tuple of str
        The dimensions.
    rows : tuple of dict
        One a cell and measure.
    snapshot_id : str or None
        The snapshot that was read; None of a list of definitions.
    now, before : Period or None
        The periods of a comparison.
    warnings : tuple of Text
        What the reader must know first.
    """

    measures: tuple[Measure, ...]
    assumptions: Assumptions
    by: tuple[str, ...] = ()
    rows: tuple[Row, ...] = field(default=())
    snapshot_id: str | None = None
    now: Period | None = None
    before: Period | None = None
    warnings: tuple[Text, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the ``result`` of the JSON document."""
        return {
            "snapshot_id": self.snapshot_id,
            "by": list(self.by),
            "rows": [dict(row) for row in self.rows],
            "measures": [measure.as_json(self.assumptions) for measure in self.measures],
            "currency": self.assumptions.currency,
            "period": _period_json(self.now),
            "compared_with": _period_json(self.before),
        }

    def as_tables(self, language: Language = "en") -> tuple[Tabulation, ...]:
        """Return one table of the cells, or of the definitions where nothing was measured."""
        if self.snapshot_id is None:
            return (self._definitions(language),)
        words = _WORDS[language]
        compared = () if self.before is None else (words["before"], words["difference"])
        columns = (
            *self.by,
            words["measure"],
            words["value"],
            words["interval"],
            *compared,
            words["rows"],
        )
        by_name = {measure.name: measure for measure in self.measures}
        rows = tuple(self._cells(row, by_name[row["measure"]], language) for row in self.rows)
        title = words["title"].format(snapshot=self.snapshot_id, period=self._periods(words))
        return (Tabulation(title=title, columns=columns, rows=rows, notes=self._notes(language)),)

    def _periods(self, words: Mapping[str, str]) -> str:
        if self.now is None or self.before is None:
            return ""
        return words["periods"].format(
            now=f"{self.now.first} – {self.now.last}",
            before=f"{self.before.first} – {self.before.last}",
        )

    def _cells(self, row: Row, measure: Measure, language: Language) -> tuple[object, ...]:
        def shown(number: float | None) -> str:
            currency = self.assumptions.currency
            return quantity(number, measure.unit, language, currency=currency)

        cells: list[object] = [row[name] for name in self.by]
        cells += [measure.label.read_in(language), shown(row["value"])]
        cells.append(_span(row["lower"], row["upper"], shown))
        if self.before is not None:
            cells.append(shown(row["before"]["value"]))
            span = _span(row["difference_lower"], row["difference_upper"], shown)
            cells.append(shown(row["difference"]) + (f" ({span})" if span else ""))
        cells.append(row["count_rows"])
        return tuple(cells)

    def _notes(self, language: Language) -> tuple[str, ...]:
        words = _WORDS[language]
        notes = [
            f"{measure.label.read_in(language)}{words['colon']}{measure.meaning.read_in(language)} "
            f"{words['bias']}{words['colon']}{measure.bias.read_in(language)} "
            f"{words['interval']}{words['colon']}{measure.interval.read_in(language)}"
            for measure in self.measures
        ]
        if any(row["is_suppressed"] for row in self.rows):
            notes.append(words["suppressed"].format(rows=SMALL_CELL))
        return tuple(notes)

    def _definitions(self, language: Language) -> Tabulation:
        words = _WORDS[language]
        return Tabulation(
            title=words["catalogue"].format(count=len(self.measures)),
            columns=(words["name"], words["measure"], words["unit"], words["meaning"]),
            rows=tuple(
                (
                    measure.name,
                    measure.label.read_in(language),
                    unit(measure.unit).name.read_in(language),
                    measure.meaning.read_in(language),
                )
                for measure in self.measures
            ),
        )


def measure(
    workspace: Path,
    names: Sequence[str] = (),
    *,
    by: Sequence[str] = (),
    where: str | None = None,
    compare: str | None = None,
    progress: Progress | None = None,
) -> MeasureReport:
    """Compute measures of a workspace, or list them where none is named.

    Parameters
    ----------
    workspace : Path
        The workspace; not needed for the list.
    names : sequence of str
        Measures, or subjects for all of theirs; none for the list of all.
    by : sequence of str
        Columns within reach of each measure's rows.
    where : str, optional
        Condition on the rows.
    compare : {"previous", "last-year"}, optional
        Put the period before, or the same weeks of the year before, beside it.
    progress : Progress, optional
        Where the work tells how far it is.

    Returns
    -------
    MeasureReport
        Where a dimension is personal, cells of fewer than 10 rows show neither value nor count.

    Raises
    ------
    BranchwiseError
        As :func:`branchwise.measures.compute.compute`; [BW-MEA-007], [BW-MEA-008] of a comparison;
        as `Workspace.open` and `Warehouse.snapshot`.

    Examples
    --------
    >>> len(measure(Path()).measures) == len(catalogue())
    True
    """
    if not names:
        return MeasureReport(measures=tuple(catalogue().values()), assumptions=load_assumptions())
    measures = measures_named(list(names))
    opened = Workspace.open(workspace)
    assumptions = opened.read_assumptions()
    warehouse = Warehouse(opened.warehouse)
    snapshot = warehouse.snapshot()
    dimensions = tuple(dict.fromkeys(by))
    with open_duckdb() as engine, (progress or silent()).task(TITLE, total=1) as task:
        warehouse.register(engine, snapshot)
        asked = _Question(engine, measures, dimensions, assumptions)
        now, before = (
            (None, None) if compare is None else periods(engine, compare, where, assumptions)
        )
        rows = asked.rows(where if now is None else within(now, where))
        if before is not None:
            rows = beside(rows, asked.rows(within(before, where), dated=True), dimensions)
        task.advance()
    return MeasureReport(
        measures=measures,
        assumptions=assumptions,
        by=dimensions,
        rows=tuple(rows),
        snapshot_id=snapshot.snapshot_id,
        now=now,
        before=before,
        warnings=_warnings(measures, where, compare),
    )


@dataclass(frozen=True, slots=True)
class _Question:
    engine: Engine
    measures: tuple[Measure, ...]
    by: tuple[str, ...]
    assumptions: Assumptions

    def rows(self, where: str | None, *, dated: bool = False) -> list[Row]:
        """Return the cells; with `dated`, only of measures whose rows have days."""
        names = [each.name for each in self.measures if not dated or _has_days(each)]
        if not names:
            return []
        table = compute(self.engine, names, by=self.by, where=where, assumptions=self.assumptions)
        personal = {each.name: _is_personal(each, self.by) for each in self.measures}
        units = {each.name: each.unit for each in self.measures}
        rows = []
        for row in table.to_pylist():
            hidden = personal[row["measure"]] and row["count_rows"] < SMALL_CELL
            row |= {"unit": units[row["measure"]], "is_suppressed": hidden}
            if hidden:
                row |= {"value": None, "lower": None, "upper": None, "count_rows": None}
            rows.append(row)
        return rows


def _warnings(
    measures: Sequence[Measure], where: str | None, compare: str | None
) -> tuple[Text, ...]:
    """Say which measures rest, in part or whole, on registers that a period does not narrow."""
    if compare is None and (where is None or not Filter(where).names_a_period):
        return ()
    untouched = [
        measure.name
        for measure in measures
        if any(DAY not in relation_columns(relation) for relation in measure.relations)
    ]
    return (NO_PERIOD.filled(names=", ".join(untouched)),) if untouched else ()


def _has_days(measure: Measure) -> bool:
    return any(DAY in relation_columns(relation) for relation in measure.relations)


def _is_personal(measure: Measure, by: Sequence[str]) -> bool:
    places = [resolve(relation, name) for relation in measure.relations for name in by]
    return any(place.table in table_names() and place.privacy != "none" for place in places)


def _period_json(period: Period | None) -> dict[str, str] | None:
    if period is None:
        return None
    return {"first": period.first.isoformat(), "last": period.last.isoformat()}


def _span(lower: float | None, upper: float | None, shown: Any) -> str:  # noqa: ANN401
    return "" if lower is None or upper is None else f"{shown(lower)} – {shown(upper)}"


NO_PERIOD = Text(
    en="Read from registers, which a period does not narrow: {names}",
    zh_hant="取自登記資料，不受期間條件限制：{names}",
    zh_hans="取自登记资料，不受期间条件限制：{names}",
)
TITLE = Text(en="Measuring", zh_hant="計算指標", zh_hans="计算指标")
_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Measures of snapshot {snapshot}{period}",
        "periods": ": {now} against {before}",
        "catalogue": "{count} measures",
        "name": "Name",
        "measure": "Measure",
        "value": "Value",
        "interval": "95 % interval",
        "before": "Before",
        "difference": "Difference",
        "rows": "Rows",
        "unit": "Unit",
        "meaning": "Meaning",
        "bias": "Known bias",
        "colon": ": ",
        "suppressed": "Cells of persons with fewer than {rows} rows are not shown.",
    },
    "zh-Hant": {
        "title": "快照 {snapshot} 之指標{period}",
        "periods": "：{now}，對比 {before}",
        "catalogue": "共 {count} 項指標",
        "name": "名稱",
        "measure": "指標",
        "value": "數值",
        "interval": "95% 區間",
        "before": "前期",
        "difference": "差異",
        "rows": "筆數",
        "unit": "單位",
        "meaning": "含義",
        "bias": "已知偏差",
        "colon": "：",
        "suppressed": "涉及個人且少於 {rows} 筆的組別不予顯示。",
    },
    "zh-Hans": {
        "title": "快照 {snapshot} 之指标{period}",
        "periods": "：{now}，对比 {before}",
        "catalogue": "共 {count} 项指标",
        "name": "名称",
        "measure": "指标",
        "value": "数值",
        "interval": "95% 区间",
        "before": "前期",
        "difference": "差异",
        "rows": "笔数",
        "unit": "单位",
        "meaning": "含义",
        "bias": "已知偏差",
        "colon": "：",
        "suppressed": "涉及个人且少于 {rows} 笔的组别不予显示。",
    },
}
