"""A small bank for the cleaning tests."""

import pytest
from tests.unit.cleaning.bench import Bench

from branchwise.engines.duckdb import open_duckdb


@pytest.fixture
def bench():
    with open_duckdb(threads=2) as engine:
        yield Bench(engine)
