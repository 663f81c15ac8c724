"""The verb `init`."""

from branchwise.core.languages import LANGUAGES
from branchwise.pipeline.init import init


def test_a_second_init_changes_nothing(tmp_path):
    """Making a workspace where there is one leaves every byte as it was."""
    init(tmp_path / "bank")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    report = init(tmp_path / "bank")
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert before
    assert report.as_json()["bank"]["currency"] == "CNY"


def test_the_next_step_names_the_settings_file(tmp_path):
    """In each language the note says which file to edit."""
    report = init(tmp_path)
    for language in LANGUAGES:
        (shown,) = report.as_tables(language)
        assert str(tmp_path / "branchwise.toml") in shown.notes[0]
