"""Which columns rows reach, and by which joins."""

import pytest

from branchwise.core.errors import BranchwiseError
from branchwise.measures.references import Binding, resolve
from branchwise.tables.assumptions import default_assumptions


@pytest.mark.parametrize(
    ("relation", "name", "table", "joins"),
    [
        ("visit", "tier", "visit", 0),
        ("visit", "customer.tier", "customer", 1),
        ("visit", "region_id", "branch", 1),
        ("visit", "region.name", "region", 2),
        ("visit_step", "branch_id", "visit_step", 0),
        ("customer", "branch_id", "branch", 1),
        ("device_day", "device_kind", "device", 1),
        ("device_spell", "vendor", "device_model", 2),
    ],
)
def test_nearest(relation, name, table, joins):
    """A bare name means the nearest table's column; a qualified one names its table."""
    found = resolve(relation, name)
    assert (found.table, len(found.through)) == (table, joins)


def test_ambiguous_and_unknown():
    """Two tables equally near, or none, are told apart from each other."""
    with pytest.raises(BranchwiseError, match=r"branch\.name, service\.name"):
        resolve("visit", "name")
    with pytest.raises(BranchwiseError, match="BW-MEA-002"):
        resolve("complaint", "service_id")


def test_joins_are_made_once():
    """Two columns over one reference share its join."""
    binding = Binding("visit", default_assumptions())
    binding.column("branch_type")
    binding.column("region.name")
    assert binding.source().count("JOIN") == 2


def test_assumptions_fill_placeholders():
    """A placeholder becomes the number in force."""
    binding = Binding("visit", default_assumptions())
    assert binding.sql("wait_seconds <= $wait_standard_seconds").endswith("<= 600.0")
