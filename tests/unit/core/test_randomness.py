"""Random streams that belong to names."""

import itertools

import numpy as np
from scipy import stats

from branchwise.core.randomness import derived_seed, stream

KNOWN = [849445, 626710, 564279, 816476]
KNOWN_SEED = 4_098_134_395_319_108_019
NAMES = [(), ("ab", "c"), ("a", "bc"), ("abc",), (1,), ("1",), (1, 2), (12,), ("a", 1), (-1,)]


def test_same_name_same_numbers_whatever_was_drawn_before():
    """A stream does not depend on other streams or on the order in which they are opened."""
    forward = {name: stream(3, *name).random(5).tobytes() for name in NAMES}
    backward = {name: stream(3, *name).random(5).tobytes() for name in reversed(NAMES)}
    assert forward == backward


def test_different_names_and_seeds_give_different_streams():
    """Names that only look alike, and neighbouring seeds, share no stream."""
    drawn = {(seed, name): stream(seed, *name).random() for seed in range(4) for name in NAMES}
    assert len(set(drawn.values())) == len(drawn)


def test_numbers_never_change():
    """The first numbers of a stream are fixed for ever: stored plans can be recomputed."""
    found = stream(7, "visits", "B001").integers(0, 1_000_000, 4).tolist()
    assert found == KNOWN
    assert derived_seed(7, "peers") == KNOWN_SEED


def test_streams_of_neighbouring_names_are_uncorrelated():
    """First draws over 2,000 neighbouring names are uniform; pairs of streams do not correlate."""
    first = [stream(1, "branch", place).random() for place in range(2_000)]
    assert stats.kstest(first, "uniform").pvalue > 1e-4
    pairs = [stream(1, "branch", place).random(2_000) for place in range(8)]
    worst = max(abs(np.corrcoef(a, b)[0, 1]) for a, b in itertools.combinations(pairs, 2))
    assert worst < 4.5 / np.sqrt(2_000)


def test_derived_seeds_fit_what_libraries_take():
    """A derived seed is a non-negative number of 63 bits."""
    assert all(0 <= derived_seed(seed, "x") < 2**63 for seed in range(100))
