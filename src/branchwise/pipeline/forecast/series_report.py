"""The forecast of a file, for programs and for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from branchwise.core.languages import Language, Text
from branchwise.core.units import quantity
from branchwise.models.forecast.members import Size
from branchwise.models.forecast.plain import nan_mean
from branchwise.models.forecast.portfolio import PLAIN_MODEL
from branchwise.models.forecast.regular import Regular
from branchwise.models.forecast.series import Array, Forecast
from branchwise.models.forecast.words import MODELS, REASONS
from branchwise.pipeline.forecast.series_words import PLAINEST, REPEATS, SMALLER, WORDS
from branchwise.pipeline.forecast.time_forms import TimeForm

SHOWN = 30
WEEK_DAYS = 7
PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeriesReport:
    """What `branchwise forecast FILE.csv` answers.

    Attributes
    ----------
    path : str
        Name of the file.
    form : TimeForm
        How its times are written.
    found : Regular
        The panel that was read off the rows.
    ahead : Forecast
        The forecast with its back-test.
    size : {"full", "shared", "plain"}
        Which portfolio was tried.
    """

    path: str
    form: TimeForm
    found: Regular
    ahead: Forecast
    size: Size

    @property
    def warnings(self) -> tuple[Text, ...]:
        """What the reader of the forecast should know."""
        said = []
        if self.found.repeats:
            said.append(REPEATS.filled(count=f"{self.found.repeats:,}"))
        if self.size != "full":
            text = SMALLER if self.size == "shared" else PLAINEST
            said.append(text.filled(series=f"{len(self.ahead.ids):,}"))
        return tuple(said)

    def as_json(self) -> dict[str, Any]:
        """Return the result of the JSON document."""
        return {
            "rows": self._rows(),
            "backtest": self._scores(),
            "series": [
                {"id": name, "model": model, "reason": reason, **self._own(row)}
                for row, (name, model, reason) in enumerate(
                    zip(self.ahead.ids, self.ahead.model, self.ahead.reason, strict=True)
                )
            ],
            "origins": self.form.write(self.found.panel.times[list(self.ahead.backtest.origins)]),
            "backtest_horizon": self.ahead.backtest.horizon,
            "season_lengths": list(self.found.panel.season_lengths),
            "portfolio": self.size,
        }

    def as_tables(self, language: Language) -> list[Any]:
        """Return the forecast and its back-test as tables for people."""
        return [self._next(language), self._tested(language)]

    def _rows(self) -> list[dict[str, Any]]:
        times = self.form.write(self.ahead.times)
        rows = []
        for series, name in enumerate(self.ahead.ids):
            for level in self.ahead.backtest.levels:
                mean = self.ahead.mean[series].tolist()
                lower = self.ahead.lower[level][series].tolist()
                upper = self.ahead.upper[level][series].tolist()
                percent = _percent(level)
                rows += [
                    {"id": name, "time": time, "mean": middle, "lower": low, "upper": high,
                     "level": percent}
                    for time, middle, low, high in zip(times, mean, lower, upper, strict=True)
                ]  # fmt: skip
        return rows

    def _scores(self) -> list[dict[str, Any]]:
        test = self.ahead.backtest
        if not test.origins:
            return []
        rows = []
        for place, model in enumerate(test.models):
            rows.append(
                {
                    "model": model,
                    "smape": _pooled(test.smape[:, place]),
                    "mase": _pooled(test.mase[:, place]),
                    "wmape": _pooled(test.wmape[:, place]),
                    "coverage": {
                        f"{_percent(level):g}": _pooled(test.coverage[:, place, column])
                        for column, level in enumerate(test.levels)
                    },
                    "series": self.ahead.model.count(model),
                }
            )
        return rows

    def _own(self, row: int) -> dict[str, Any]:
        """Return the back-test of the model chosen for a series."""
        test = self.ahead.backtest
        if not test.origins:
            return {}
        place = test.models.index(self.ahead.model[row])
        plain = test.models.index(PLAIN_MODEL)
        return {
            "smape": test.smape[row, place],
            "mase": test.mase[row, place],
            "wmape": test.wmape[row, place],
            "smape_seasonal_naive": test.smape[row, plain],
        }

    def _next(self, language: Language) -> Any:  # noqa: ANN401 - a Tabulation
        from branchwise.core.tabulation import Tabulation

        words, ahead = WORDS[language], self.ahead
        level = ahead.backtest.levels[0]
        times = self.form.write(ahead.times)
        rows = tuple(
            (
                name,
                float(ahead.mean[row].sum()),
                float(ahead.lower[level][row].min()),
                float(ahead.upper[level][row].max()),
                MODELS[ahead.model[row]].read_in(language),
                REASONS[ahead.reason[row]].read_in(language),
            )
            for row, name in enumerate(ahead.ids[:SHOWN])
        )
        more = len(ahead.ids) - len(rows)
        remaining = [words["more"].format(count=f"{more:,}")] if more else []
        return Tabulation(
            title=words["next"].format(
                path=self.path, series=f"{len(ahead.ids):,}", horizon=len(times),
                since=times[0], until=times[-1],
            ),
            columns=tuple(words["next_columns"].format(level=f"{_percent(level):g}").split("|")),
            rows=rows,
            notes=(*self._axis_notes(language), *remaining),
        )  # fmt: skip

    def _axis_notes(self, language: Language) -> list[str]:
        words, seasons = WORDS[language], self.found.panel.season_lengths
        between = ", " if language == "en" else "、"
        said = [
            words["seasons"].format(seasons=between.join(str(length) for length in seasons))
            if seasons
            else words["no_season"]
        ]
        closed = [day for day in range(WEEK_DAYS) if day not in self.found.weekdays]
        if self.found.weekdays and closed:
            names = words["days"].split("|")
            said.append(words["closed"].format(days=between.join(names[day] for day in closed)))
        return said

    def _tested(self, language: Language) -> Any:  # noqa: ANN401 - a Tabulation
        from branchwise.core.tabulation import Tabulation

        words, test = WORDS[language], self.ahead.backtest
        if not test.origins:
            return Tabulation(title=words["untested"])
        rows = []
        for score in self._scores():
            covered = [
                words["coverage"].format(level=level, found=_share(found, language))
                for level, found in score["coverage"].items()
            ]
            rows.append(
                (
                    MODELS[score["model"]].read_in(language),
                    _share(score["smape"], language),
                    None if score["mase"] is None else f"{score['mase']:.3f}",
                    _share(score["wmape"], language),
                    ("; " if language == "en" else "；").join(covered),
                    score["series"],
                )
            )
        return Tabulation(
            title=words["tested"].format(
                origins=len(test.origins), horizon=test.horizon, series=f"{len(test.ids):,}"
            ),
            columns=tuple(words["tested_columns"].split("|")),
            rows=tuple(rows),
            notes=tuple(self._gain(language)),
        )

    def _gain(self, language: Language) -> list[str]:
        """Return how much better the chosen models were than the seasonal naive forecast."""
        test = self.ahead.backtest
        places = [test.models.index(model) for model in self.ahead.model]
        chosen = _pooled(test.smape[np.arange(len(places)), places])
        plain = _pooled(test.smape[:, test.models.index(PLAIN_MODEL)])
        if not chosen or not plain:
            return []
        change = f"{PERCENT * (chosen / plain - 1):+.1f} %"
        return [WORDS[language]["better"].format(change=change)]


def _percent(level: float) -> float:
    return round(level * PERCENT, 4)


def _pooled(scores: Array) -> float | None:
    mean = float(nan_mean(scores, 0))
    return None if np.isnan(mean) else mean


def _share(value: float | None, language: Language) -> str | None:
    return None if value is None else quantity(value, "share", language)
