"""The bank's forecasts as a JSON document and as tables for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from branchwise.core.calendar import is_calendar_official
from branchwise.core.languages import Language, Text
from branchwise.core.tabulation import Tabulation
from branchwise.core.units import quantity
from branchwise.models.forecast.words import MODELS, REASONS
from branchwise.pipeline.forecast import words
from branchwise.pipeline.forecast.asked import WITHIN_DAY, Asked
from branchwise.pipeline.forecast.demand import KINDS
from branchwise.pipeline.forecast.gathered import Gathered
from branchwise.pipeline.forecast.made import Made
from branchwise.pipeline.forecast.stored import Score
from branchwise.pipeline.forecast.words import WORDS

SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ForecastReport:
    """What will come, how far it can be trusted, and how earlier forecasts did.

    Attributes
    ----------
    asked, found, made : Asked, Gathered, Made
        What was wished, read and forecast.
    scores : tuple of Score
        Of earlier forecasts of the same measure and grain.
    snapshot_id, data_id : str
        The snapshot that holds the forecast, and the state of the data it was made on.
    currency : str
        Of amounts.
    """

    asked: Asked
    found: Gathered
    made: Made
    scores: tuple[Score, ...]
    snapshot_id: str
    data_id: str
    currency: str

    @property
    def warnings(self) -> tuple[Text, ...]:
        """Missing days, borrowed histories, branches left out, calendars not yet official."""
        told = []
        if self.found.count_missing:
            told.append(words.MISSING.filled(count=f"{self.found.count_missing:,}"))
        for one in self.found.borrowed:
            sentence = words.RESUMED if one.lenders == (one.branch_id,) else words.BORROWED
            told.append(
                sentence.filled(
                    branch=one.branch_id, days=one.days, lenders=", ".join(one.lenders),
                    factor=one.factor,
                )
            )  # fmt: skip
        if self.found.closed:
            told.append(words.CLOSED.filled(branches=", ".join(self.found.closed)))
        year = self.found.blocks[-1][1].year
        countries = {place.calendar.country for place in self.found.series.days.places}
        if any(not is_calendar_official(country, year) for country in countries):
            told.append(words.UNOFFICIAL.filled(year=year))
        return tuple(told)

    def as_json(self) -> dict[str, Any]:
        """Return the ``result`` of the JSON document."""
        made, asked = self.made, self.asked
        return {
            "measure": asked.measure,
            "unit": KINDS[asked.measure].unit,
            "currency": self.currency if asked.measure == "cash" else None,
            "by": list(asked.by),
            "grain": asked.grain,
            "today": self.found.today.isoformat(),
            "last_on": self.found.last_on.isoformat(),
            "snapshot_id": self.snapshot_id,
            "data_id": self.data_id,
            "rows": self._rows(),
            "series": [
                {"id": name, "model": model, "reason": reason, "moved_by_adding_up": float(moved)}
                for name, model, reason, moved in zip(
                    made.names, made.model, made.reason, made.moved, strict=True
                )
            ],
            "backtest": self._backtest(),
            "backtest_by_series": self._by_series(),
            "earlier_forecasts": [score.as_json() for score in self.scores],
            "borrowed": [
                {"branch_id": one.branch_id, "lenders": list(one.lenders), "days": one.days,
                 "factor": one.factor}
                for one in self.found.borrowed
            ],
            "count_missing_branch_days": self.found.count_missing,
        }  # fmt: skip

    def as_tables(self, language: Language) -> tuple[Tabulation, ...]:
        """Return what comes at the top, every series with its back-test, and earlier forecasts."""
        tables = [self._coming(language), self._series(language)]
        if self.scores:
            tables.append(self._scored(language))
        return tuple(tables)

    def time(self, slot: int) -> str:
        """Return when a slot begins, as ISO 8601 local time."""
        day, minute = self.made.starts[slot]
        clock = f"T{minute // 60:02d}:{minute % 60:02d}"
        return day.isoformat() + (clock if self.asked.grain in WITHIN_DAY else "")

    def _rows(self) -> list[dict[str, Any]]:
        made = self.made
        return [
            {
                "id": name, "time": self.time(slot), "mean": float(made.mean[row, slot]),
                "lower": float(made.lower[level][row, slot]),
                "upper": float(made.upper[level][row, slot]), "level": level,
            }
            for row, name in enumerate(made.names)
            for slot in range(len(made.starts))
            for level in sorted(made.lower)
        ]  # fmt: skip

    def _backtest(self) -> dict[str, Any]:
        test = self.made.backtest
        return {
            model: {
                "smape": _mean(test.smape[:, column]),
                "mase": _mean(test.mase[:, column]),
                "wmape": _mean(test.wmape[:, column]),
                "coverage": {
                    str(level): _mean(test.coverage[:, column, place])
                    for place, level in enumerate(test.levels)
                },
            }
            for column, model in enumerate(test.models)
        }

    def _by_series(self) -> list[dict[str, Any]]:
        return [
            {"id": name, "wmape": error, "seasonal_naive_wmape": plain}
            for name, (error, plain) in zip(self.made.names, self._errors(), strict=True)
        ]

    def _errors(self) -> list[tuple[float | None, float | None]]:
        """Return the error of each series' model, and of the seasonal naive, in the back-test."""
        test, found = self.made.backtest, []
        columns = {model: column for column, model in enumerate(test.models)}
        for row, model in enumerate(self.made.model):
            pair = [
                _mean(test.wmape[row : row + 1, columns[name]]) if name in columns else None
                for name in (model, "seasonal_naive")
            ]
            found.append((pair[0], pair[1]))
        return found

    def _quantity(self, value: float, language: Language) -> str:
        unit = KINDS[self.asked.measure].unit
        return quantity(float(value), unit, language, currency=self.currency)

    def _interval(self, row: int, slot: int, level: float, language: Language) -> str:
        limits = (self.made.lower[level], self.made.upper[level])
        return " – ".join(self._quantity(limit[row, slot], language) for limit in limits)

    def _name(self, name: str, language: Language) -> str:
        return WORDS[language]["bank"] if name == "*" else name

    def _coming(self, language: Language) -> Tabulation:
        phrases, made = WORDS[language], self.made
        row = self._top()
        level = min(made.lower)
        slots = range(min(len(made.starts), SHOWN * 2))
        cells = tuple(
            (
                self.time(slot).replace("T", " "),
                self._quantity(made.mean[row, slot], language),
                self._interval(row, slot, level, language),
                self._quantity(made.plain[row, slot], language),
            )
            for slot in slots
            if made.upper[level][row, slot] > 0
        )
        title = phrases["title"].format(
            measure=words.NAMES[self.asked.measure].read_in(language),
            grain=words.GRAINS[self.asked.grain].read_in(language),
            series=self._name(made.names[row], language), today=self.found.today,
            last=self.found.last_on, snapshot=self.data_id,
        )  # fmt: skip
        left = len(made.starts) - len(slots)
        notes = (phrases["more"].format(count=f"{left:,}"),) if left else ()
        columns = tuple(phrases["coming_columns"].format(level=f"{level:.0%}").split("|"))
        return Tabulation(title=title, columns=columns, rows=cells, notes=notes)

    def _top(self) -> int:
        """Return the series shown slot by slot: the top, or the only branch."""
        branches = self.found.series.days.places
        wanted = f"branch={branches[0].branch_id}" if len(branches) == 1 else "*"
        names = self.made.names
        return names.index(wanted) if wanted in names else 0

    def _series(self, language: Language) -> Tabulation:
        phrases, made = WORDS[language], self.made
        rows = []
        for row, (error, plain) in enumerate(self._errors()[:SHOWN]):
            better = None if error is None or not plain else f"{1 - error / plain:.1%}"
            rows.append(
                (
                    self._name(made.names[row], language),
                    self._quantity(made.mean[row].sum(), language),
                    MODELS[made.model[row]].read_in(language),
                    REASONS[made.reason[row]].read_in(language),
                    None if error is None else f"{error:.1%}",
                    None if plain is None else f"{plain:.1%}",
                    better,
                )
            )
        test = made.backtest
        title = phrases["series_title"].format(
            count=f"{len(made.names):,}", origins=len(test.origins), horizon=test.horizon
        )
        left = len(made.names) - len(rows)
        notes = [
            *([phrases["more"].format(count=f"{left:,}")] if left else []),
            *([] if test.origins else [phrases["none"]]),
            phrases["moved"].format(share=f"{made.moved.max(initial=0.0):.1%}"),
            *([phrases["appointments"]] if self.asked.measure == "visits" else []),
        ]
        columns = tuple(phrases["series_columns"].split("|"))
        return Tabulation(title=title, columns=columns, rows=tuple(rows), notes=tuple(notes))

    def _scored(self, language: Language) -> Tabulation:
        phrases = WORDS[language]
        rows = tuple(
            (
                phrases["bank"] if score.depth == 0 else " · ".join(self.asked.by[: score.depth]),
                score.count,
                f"{score.wmape:.1%}",
                f"{score.plain_wmape:.1%}",
                None if score.value_added is None else f"{score.value_added:.1%}",
                ", ".join(f"{share:.1%} ({level:.0%})" for level, share in score.coverage.items()),
            )
            for score in self.scores
        )
        return Tabulation(
            title=phrases["scores_title"],
            columns=tuple(phrases["scores_columns"].split("|")),
            rows=rows,
        )


def _mean(values: np.ndarray) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else None
