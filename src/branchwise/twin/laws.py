"""Laws of chance of a scenario: how long a service takes, how patient a customer is.

Every law is used through its quantile function: a draw is the quantile of a uniform number. So
one uniform number gives a long service under every law, and scenarios that differ in a law still
share their chance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """Always the same value [s]."""

    value: float
    law: Literal["constant"] = "constant"

    @property
    def mean(self) -> float:
        """The value."""
        return self.value

    def quantile(self, shares: Floats) -> Floats:
        """Return the value for every share."""
        return np.full(np.shape(shares), self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exponential:
    """Memoryless, of a mean [s]."""

    mean: float
    law: Literal["exponential"] = "exponential"

    def quantile(self, shares: Floats) -> Floats:
        """Return the values that shares of all draws do not exceed."""
        return np.asarray(-self.mean * np.log1p(-np.asarray(shares)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniform:
    """Evenly between two values [s]."""

    low: float
    high: float
    law: Literal["uniform"] = "uniform"

    @property
    def mean(self) -> float:
        """The middle."""
        return (self.low + self.high) / 2

    def quantile(self, shares: Floats) -> Floats:
        """Return the values that shares of all draws do not exceed."""
        return np.asarray(self.low + (self.high - self.low) * np.asarray(shares))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lognormal:
    """Lognormal of a mean [s] and a coefficient of variation."""

    mean: float
    cv: float
    law: Literal["lognormal"] = "lognormal"

    def quantile(self, shares: Floats) -> Floats:
        """Return the values that shares of all draws do not exceed."""
        from scipy.special import ndtri

        variance = math.log1p(self.cv**2)
        centre = math.log(self.mean) - variance / 2
        return np.asarray(np.exp(centre + math.sqrt(variance) * ndtri(shares)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gamma:
    """Gamma of a mean [s] and a coefficient of variation."""

    mean: float
    cv: float
    law: Literal["gamma"] = "gamma"

    def quantile(self, shares: Floats) -> Floats:
        """Return the values that shares of all draws do not exceed."""
        from scipy.special import gammaincinv

        shape = 1 / self.cv**2
        return np.asarray(gammaincinv(shape, shares) * self.mean / shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weibull:
    """Weibull of a shape and a scale [s]."""

    shape: float
    scale: float
    law: Literal["weibull"] = "weibull"

    @property
    def mean(self) -> float:
        """Scale times gamma of one plus one over the shape."""
        return self.scale * math.gamma(1 + 1 / self.shape)

    def quantile(self, shares: Floats) -> Floats:
        """Return the values that shares of all draws do not exceed."""
        return np.asarray(self.scale * (-np.log1p(-np.asarray(shares))) ** (1 / self.shape))


@dataclass(frozen=True, slots=True, kw_only=True)
class Empirical:
    """As observed: quantiles at evenly spaced shares from 0 to 1 [s], straight in between."""

    quantiles: tuple[float, ...]
    law: Literal["empirical"] = "empirical"

    @property
    def mean(self) -> float:
        """Mean of the straight pieces."""
        values = np.asarray(self.quantiles)
        return float(((values[:-1] + values[1:]) / 2).mean())

    def quantile(self, shares: Floats) -> Floats:
        """Return the values that shares of all draws do not exceed."""
        places = np.linspace(0, 1, len(self.quantiles))
        return np.asarray(np.interp(shares, places, self.quantiles))

    @classmethod
    def of(cls, values: Sequence[float], count: int = 101) -> Empirical:
        """Return the law of observed values, by `count` quantiles."""
        found = np.quantile(np.asarray(values, dtype=float), np.linspace(0, 1, count))
        return cls(quantiles=tuple(float(value) for value in found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """By a survival curve, as Kaplan and Meier give it; a share may never come to its end.

    Attributes
    ----------
    times : tuple of float
        Rising times [s]; the curve is straight between them and starts at 1 at time 0.
    surviving : tuple of float
        Share still there at each time, falling. What survives the last time stays for ever.
    """

    times: tuple[float, ...]
    surviving: tuple[float, ...]
    law: Literal["survival"] = "survival"

    @property
    def mean(self) -> float:
        """Mean of the share that ends; infinite where some never do."""
        if self.surviving[-1] > 0:
            return math.inf
        times = np.concatenate([[0.0], self.times])
        surviving = np.concatenate([[1.0], self.surviving])
        return float((np.diff(times) * (surviving[:-1] + surviving[1:]) / 2).sum())

    def quantile(self, shares: Floats) -> Floats:
        """Return the values that shares of all draws do not exceed; inf for the lasting share."""
        ended = 1 - np.concatenate([[1.0], self.surviving])
        found = np.interp(shares, ended, np.concatenate([[0.0], self.times]))
        return np.where(np.asarray(shares) > ended[-1], np.inf, found)


Law = Constant | Exponential | Uniform | Lognormal | Gamma | Weibull | Empirical | Survival


def finite_share(law: Law) -> float:
    """Return the share of draws that are finite: less than 1 only where some never end.

    Examples
    --------
    >>> finite_share(Survival(times=(60.0,), surviving=(0.25,)))
    0.75
    >>> finite_share(Exponential(mean=60.0))
    1.0
    """
    return 1 - law.surviving[-1] if isinstance(law, Survival) else 1.0
