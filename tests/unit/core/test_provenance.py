"""Provenance: enough to compute a result again."""

from branchwise import __version__
from branchwise.core.provenance import Provenance, stopwatch


def test_record_names_data_seed_program_and_time():
    """The JSON object holds snapshot, seed, version and seconds."""
    record = Provenance(snapshot_id="s1", seed=5).lasting(1.23456)
    assert record.as_json() == {
        "snapshot_id": "s1",
        "seed": 5,
        "seconds": 1.235,
        "version": __version__,
    }


def test_stopwatch_never_runs_backwards():
    """Later readings are no smaller than earlier ones."""
    with stopwatch() as watch:
        first = watch.seconds
        assert watch.seconds >= first >= 0
