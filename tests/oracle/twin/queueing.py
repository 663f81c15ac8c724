"""Closed forms and small Markov chains of queueing theory; times in mean service times."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import spsolve

State = Hashable
Moves = Callable[[State], Iterable[tuple[State, float]]]


def erlang_b(servers: int, load: float) -> float:
    """Return the share of customers who find all servers busy and are lost (M/G/c/c)."""
    lost = 1.0
    for busy in range(1, servers + 1):
        lost = load * lost / (busy + load * lost)
    return lost


def erlang_c(servers: int, load: float) -> float:
    """Return the share of customers who have to wait (M/M/c)."""
    lost = erlang_b(servers, load)
    return lost / (1 - load / servers * (1 - lost))


def mean_wait(servers: int, load: float) -> float:
    """Return the mean wait of M/M/c in mean service times."""
    return erlang_c(servers, load) / (servers - load)


def pollaczek_khinchine(load: float, squared_cv: float) -> float:
    """Return the mean wait of M/G/1 in mean service times."""
    return load / (1 - load) * (1 + squared_cv) / 2


def birth_and_death(
    births: Callable[[int], float], deaths: Callable[[int], float], most: int
) -> npt.NDArray[np.float64]:
    """Return the long-run shares of 0, 1, 2 … `most` in a birth-and-death process."""
    weights = [0.0]
    for number in range(most):
        weights.append(weights[-1] + math.log(births(number)) - math.log(deaths(number + 1)))
    shares = np.exp(np.array(weights) - max(weights))
    return shares / shares.sum()


def long_run(first: State, moves: Moves) -> dict[State, float]:
    """Return the long-run shares of the states of a Markov chain, found from one of them."""
    places, found = {first: 0}, [first]
    entries: list[tuple[int, int, float]] = []
    for state in found:
        for after, rate in moves(state):
            if after not in places:
                places[after] = len(found)
                found.append(after)
            entries += [(places[after], places[state], rate), (places[state], places[state], -rate)]
    kept = [entry for entry in entries if entry[0] != 0]
    kept += [(0, place, 1.0) for place in range(len(found))]
    rows, columns, rates = zip(*kept, strict=True)
    balance = csr_matrix((rates, (rows, columns)), shape=(len(found), len(found)))
    one = np.zeros(len(found))
    one[0] = 1.0
    return dict(zip(found, spsolve(balance.tocsc(), one), strict=True))


def mean_of(shares: dict[State, float], value: Callable[[State], float]) -> float:
    """Return the long-run mean of a function of the state."""
    return sum(share * value(state) for state, share in shares.items())
