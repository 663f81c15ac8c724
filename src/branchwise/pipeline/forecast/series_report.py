"""The forecast of a file, for programs and for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from branchwise.core.languages import Language, Text
from branchwise.core.units import quantity
from branchwise.models.forecast.members import Size
from branchwise.models.forecast.plain import nan_mean
from branchwise.models.forecast.portfolio import PLAIN_MODEL
from branchwise.models.forecast.regular import Regular
from branchwise.models.forecast.series import Array, Backtest, Forecast
from branchwise.models.forecast.words import MODELS, REASONS
from branchwise.pipeline.forecast.series_ends import Ended
from branchwise.pipeline.forecast.series_words import (
    EMPTY,
    ENDED,
    PLAINEST,
    REPEATS,
    SMALLER,
    UNTESTED,
    WORDS,
)
from branchwise.pipeline.forecast.time_forms import TimeForm

SHOWN = 30
NAMED = 5
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
    parts : tuple of Ended
        Its series by the time of their last value, the latest first; without those that have none.
    ahead : tuple of Forecast
        The forecast of each part with its back-test.
    size : {"full", "shared", "plain"}
        Which portfolio was tried.
    """

    path: str
    form: TimeForm
    found: Regular
    parts: tuple[Ended, ...]
    ahead: tuple[Forecast, ...]
    size: Size

    @property
    def warnings(self) -> tuple[Text, ...]:
        """What the reader of the forecast should know."""
        said = []
        if self.found.repeats:
            said.append(REPEATS.filled(count=f"{self.found.repeats:,}"))
        if self.size != "full":
            text = SMALLER if self.size == "shared" else PLAINEST
            said.append(text.filled(series=f"{self._count:,}"))
        said += _naming(EMPTY, self._without_values)
        said += _naming(ENDED, self._ended)
        said += _naming(
            UNTESTED, [part.ids[row] for part, row in self._each() if not _is_tested(part, row)]
        )
        return tuple(said)

    @property
    def _count(self) -> int:
        return sum(len(part.ids) for part in self.ahead)

    @property
    def _without_values(self) -> list[str]:
        kept = {name for part in self.ahead for name in part.ids}
        return [name for name in self.found.panel.ids if name not in kept]

    @property
    def _ended(self) -> list[str]:
        """The series that ended before others, with the time of their last value."""
        final = self.parts[0].last[0]
        return [
            f"{self.ahead[place].ids[row]} ({self.form.write(part.last)[0]})"
            for place, row in self._places()
            if (part := self.parts[place]).last[0] < final
        ]

    @property
    def _tests(self) -> list[Forecast]:
        return [part for part in self.ahead if part.backtest.origins]

    def _places(self) -> list[tuple[int, int]]:
        """Return part and row of every series, in the order of the file's names."""
        return [
            (place, row)
            for _, place, row in sorted(
                (int(whole), place, row)
                for place, part in enumerate(self.parts)
                for row, whole in enumerate(part.rows)
            )
        ]

    def _each(self) -> Iterator[tuple[Forecast, int]]:
        for place, row in self._places():
            yield self.ahead[place], row

    def as_json(self) -> dict[str, Any]:
        """Return the result of the JSON document."""
        test = (self._tests or self.ahead)[0].backtest
        return {
            "rows": self._rows(),
            "backtest": self._scores(),
            "series": [
                {
                    "id": self.ahead[place].ids[row],
                    "model": self.ahead[place].model[row],
                    "reason": self.ahead[place].reason[row],
                    "last_time": self.form.write(self.parts[place].last)[0],
                    **_own(self.ahead[place], row),
                }
                for place, row in self._places()
            ],
            "without_values": self._without_values,
            "origins": self.form.write(self.found.panel.times[list(test.origins)]),
            "backtest_horizon": test.horizon,
            "season_lengths": list(self.found.panel.season_lengths),
            "portfolio": self.size,
        }

    def as_tables(self, language: Language) -> list[Any]:
        """Return the forecast and its back-test as tables for people."""
        return [self._next(language), self._tested(language)]

    def _rows(self) -> list[dict[str, Any]]:
        times = [self.form.write(part.times) for part in self.ahead]
        rows = []
        for place, series in self._places():
            part = self.ahead[place]
            for level in part.backtest.levels:
                mean = part.mean[series].tolist()
                lower = part.lower[level][series].tolist()
                upper = part.upper[level][series].tolist()
                name, percent = part.ids[series], _percent(level)
                rows += [
                    {"id": name, "time": time, "mean": middle, "lower": low, "upper": high,
                     "level": percent}
                    for time, middle, low, high in zip(
                        times[place], mean, lower, upper, strict=True
                    )
                ]  # fmt: skip
        return rows

    def _scores(self) -> list[dict[str, Any]]:
        tests = [part.backtest for part in self._tests]
        models = dict.fromkeys(model for test in tests for model in test.models)
        return [
            {
                "model": model,
                "smape": _of_model(tests, model, lambda test: test.smape),
                "mase": _of_model(tests, model, lambda test: test.mase),
                "wmape": _of_model(tests, model, lambda test: test.wmape),
                "coverage": self._covered(tests, model),
                "series": sum(part.model.count(model) for part in self.ahead),
            }
            for model in models
        ]

    def _covered(self, tests: Sequence[Backtest], model: str) -> dict[str, float | None]:
        found = {}
        for column, level in enumerate(tests[0].levels):
            score = partial(_coverage, column=column)
            found[f"{_percent(level):g}"] = _of_model(tests, model, score)
        return found

    def _next(self, language: Language) -> Any:  # noqa: ANN401 - a Tabulation
        from branchwise.core.tabulation import Tabulation

        words = WORDS[language]
        level = self.ahead[0].backtest.levels[0]
        times = self.form.write(self.ahead[0].times)
        rows = tuple(
            (
                ahead.ids[row],
                float(ahead.mean[row].sum()),
                float(ahead.lower[level][row].min()),
                float(ahead.upper[level][row].max()),
                MODELS[ahead.model[row]].read_in(language),
                REASONS[ahead.reason[row]].read_in(language),
            )
            for ahead, row in islice(self._each(), SHOWN)
        )
        more = self._count - len(rows)
        remaining = [words["more"].format(count=f"{more:,}")] if more else []
        return Tabulation(
            title=words["next"].format(
                path=self.path, series=f"{self._count:,}", horizon=len(times),
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

        words, tests = WORDS[language], [part.backtest for part in self._tests]
        if not tests:
            return Tabulation(title=words["untested"])
        rows = []
        for score in self._scores():
            covered = [
                words["coverage"].format(level=level, found=_share(found, language) or "–")
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
                origins=max(len(test.origins) for test in tests),
                horizon=max(test.horizon for test in tests),
                series=f"{sum(len(test.ids) for test in tests):,}",
            ),
            columns=tuple(words["tested_columns"].split("|")),
            rows=tuple(rows),
            notes=tuple(self._gain(language)),
        )

    def _gain(self, language: Language) -> list[str]:
        """Return how much better the chosen models were than the seasonal naive forecast."""
        scores = [_own(part, row) for part in self._tests for row in range(len(part.ids))]
        chosen = _pooled(np.array([score["smape"] for score in scores]))
        plain = _pooled(np.array([score["smape_seasonal_naive"] for score in scores]))
        if not chosen or not plain:
            return []
        change = f"{PERCENT * (chosen / plain - 1):+.1f} %"
        return [WORDS[language]["better"].format(change=change)]


def _own(part: Forecast, row: int) -> dict[str, Any]:
    """Return the back-test of the model chosen for a series."""
    test = part.backtest
    if not test.origins:
        return {}
    place = test.models.index(part.model[row])
    plain = test.models.index(PLAIN_MODEL)
    return {
        "smape": test.smape[row, place],
        "mase": test.mase[row, place],
        "wmape": test.wmape[row, place],
        "smape_seasonal_naive": test.smape[row, plain],
    }


def _is_tested(part: Forecast, row: int) -> bool:
    """Say whether anything of a series was scored, often enough to choose a model by it."""
    test = part.backtest
    scored = bool(test.origins) and not np.isnan(test.smape[row]).all()
    return scored and part.reason[row] != "too_short_to_test"


def _of_model(
    tests: Sequence[Backtest], model: str, score: Callable[[Backtest], Array]
) -> float | None:
    """Return the mean score of a model over all series it was tested on."""
    own = [score(test)[:, test.models.index(model)] for test in tests if model in test.models]
    return _pooled(np.concatenate(own))


def _coverage(test: Backtest, *, column: int) -> Array:
    return test.coverage[:, :, column]


def _naming(text: Text, names: Sequence[str]) -> list[Text]:
    """Return the sentence with how many there are and the first few names; nothing of none."""
    if not names:
        return []
    said = ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
    return [text.filled(count=f"{len(names):,}", names=said)]


def _percent(level: float) -> float:
    return round(level * PERCENT, 4)


def _pooled(scores: Array) -> float | None:
    mean = float(nan_mean(scores, 0))
    return None if np.isnan(mean) else mean


def _share(value: float | None, language: Language) -> str | None:
    return None if value is None else quantity(value, "share", language)
