"""The verb demo: a small bank is generated, loaded with nothing refused, and its dirt found."""

import json

import pytest

from branchwise.pipeline.demo import demo
from branchwise.pipeline.load import load
from branchwise.pipeline.measure import measure
from branchwise.warehouse.workspace import Workspace

RAGGED = "BW-SRC-033"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A small bank, generated and loaded."""
    return demo(tmp_path_factory.mktemp("demo"), branches=6, days=10, seed=1)


def test_every_file_is_read_and_none_refused(made):
    """The packaged mapping reads every raw file ; only ragged rows are remarked on."""
    assert made.loaded.refused == ()
    assert made.loaded.unmapped_files == ()
    assert {note.code for note in made.loaded.notes} <= {RAGGED}
    read = {file.path.split("!")[0] for file in made.loaded.files}
    raw = made.generated.raw
    assert read == {str(path.relative_to(raw)) for path in raw.rglob("*") if path.is_file()}


def test_cleaning_finds_the_planted_dirt_and_little_else(made):
    """Recall and precision reach 95 %, over all and for each kind and rule."""
    cleaning = made.cleaning
    assert cleaning.recall >= 0.95
    assert cleaning.precision >= 0.95
    assert len(cleaning.kinds) >= 10
    assert min(kind.recall for kind in cleaning.kinds) >= 0.95
    assert min(rule.precision for rule in cleaning.rules) >= 0.95


def test_the_bank_has_a_name(made):
    """The workspace says whose it is, so that reports do not stand without a name."""
    assert Workspace.open(made.generated.raw.parent).bank.name == "示範銀行"


def test_only_tickets_have_a_wait(made):
    """Nobody recorded a queue at a machine: its sessions are visits and can fail, but wait not."""
    names = ["queues.visits", "queues.wait_p50_seconds", "queues.abandoned_share"]
    found = measure(made.generated.raw.parent, names, by=["origin"]).rows
    counted = {
        (row["origin"], row["measure"].partition(".")[2]): row["count_rows"] for row in found
    }
    assert counted["smart_counter", "visits"] > 1000
    assert counted["smart_counter", "abandoned_share"] == counted["smart_counter", "visits"]
    assert not counted.get(("smart_counter", "wait_p50_seconds"))
    assert counted["ticket", "wait_p50_seconds"] > 0.99 * counted["ticket", "visits"]


def test_a_second_load_of_the_same_files_changes_nothing(made):
    """The same raw files again publish no snapshot."""
    workspace = made.generated.raw.parent
    again = load(workspace, made.generated.raw, adapter="demo")
    assert not again.is_changed
    assert again.snapshot_id == made.loaded.snapshot_id


def test_the_report_reads_in_three_languages_and_as_json(made):
    """Tables have cells under every heading, and the JSON document has recall and precision."""
    for language in ("en", "zh-Hant", "zh-Hans"):
        for table in made.as_tables(language):
            assert all(len(row) == len(table.columns) for row in table.rows)
    found = json.loads(json.dumps(made.as_json()))
    assert found["cleaning"]["recall"] == made.cleaning.recall
    assert found["branches"] == 6
