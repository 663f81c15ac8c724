"""Choosing across a network as mathematics: one variable a candidate and quarter, named rows.

The variable of a candidate and a quarter is 1 where the candidate begins in that quarter; its
column is ``candidate × quarters + quarter``. What the decision problems (`problems.portfolio`)
hand to the solver (`solvers.portfolio`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One linear limit: lower ≤ sum of coefficients × variables ≤ upper.

    Attributes
    ----------
    name : str
        The limit to which it belongs; rows of one name are kept or dropped together.
    columns : array of int
        Columns that are in it, each once.
    coefficients : array of float
        One a column.
    lower, upper : float
        Its ends; infinite where there is none.
    """

    name: str
    columns: Integers
    coefficients: Floats
    lower: float = -np.inf
    upper: float = np.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Choose at most one candidate of each branch, begun in one quarter, worth the most.

    Attributes
    ----------
    candidate_ids : tuple of str
        In order of the columns.
    quarters : int
        Quarters in which candidates may begin.
    worth : array, shape (candidates, quarters)
        Over the horizon.
    bonus : array, shape (candidates, quarters)
        What steers besides and is no worth; 0 or more.
    branch : array of int
        Number of the branch of each candidate.
    rows : tuple of Row
        Limits.
    barred : mapping of str to array of int
        Candidates that a limit excludes, by its name.
    """

    candidate_ids: tuple[str, ...]
    quarters: int
    worth: Floats
    bonus: Floats
    branch: Integers
    rows: tuple[Row, ...]
    barred: Mapping[str, Integers] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all limits, each once, in order."""
        return tuple(dict.fromkeys([*(row.name for row in self.rows), *self.barred]))
