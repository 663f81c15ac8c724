"""The store against a dictionary: any sequence of loads, every snapshot read again."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.warehouse.rows import load, read
from tests.unit.warehouse.stopped import orphans

from branchwise.warehouse.store import Warehouse

names = st.one_of(st.none(), st.sampled_from(["", "北", "South 'n' \"x\"", "\u0000x", "a\nb"]))
batches = st.lists(
    st.dictionaries(st.sampled_from(["A", "B", "C", "D|E", "'"]), names, max_size=4),
    min_size=1,
    max_size=5,
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(loads=batches)
def test_any_sequence_of_loads(tmp_path_factory: pytest.TempPathFactory, loads: list) -> None:
    """After each load the table is the dictionary updated by it, and repairs are the values lost.

    A load that changes no value publishes nothing; every earlier snapshot reads as it did; no
    file is left that no snapshot names.
    """
    root: Path = tmp_path_factory.mktemp("warehouse")
    model: dict[str, str | None] = {}
    lost = 0
    seen = {}
    before = Warehouse(root).snapshot()
    for batch in loads:
        changes = any(key not in model or model[key] != batch[key] for key in batch)
        lost += sum(1 for key in batch if key in model and model[key] != batch[key])
        model |= batch
        rows = [{"region_id": key, "name": name} for key, name in batch.items()]
        after = load(root, region=rows)
        assert (after != before) == changes
        before = after
        seen[after.snapshot_id] = sorted(model.items())
        assert len(read(root, "repair", "row_key")) == lost
    for snapshot_id, rows in seen.items():
        assert sorted(read(root, "region", "region_id", "name", snapshot_id=snapshot_id)) == rows
    if before.number:
        assert orphans(root) == []
