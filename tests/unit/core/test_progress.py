"""Progress: bars for people, silence for programs."""

import io

import pytest

from branchwise.core.languages import Text
from branchwise.core.progress import bars, silent

TITLE = Text(en="Reading", zh_hant="讀取", zh_hans="读取")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_silent_progress_writes_nothing(capsys):
    """A silent progress leaves both streams empty."""
    progress = silent()
    with progress.task(TITLE, total=3) as task:
        task.advance(3)
    progress.note("waiting")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Reading"), ("zh-Hant", "讀取"), ("zh-Hans", "读取")]
)
def test_without_terminal_one_line_a_task_goes_to_stderr(capsys, language, title):
    """On a stream that is no terminal a task is one line on stderr, in the chosen language."""
    with bars(language).task(TITLE, total=3) as task:
        task.advance(3)
    assert capsys.readouterr() == ("", f"{title}…\n")


def test_bars_on_a_terminal_nest_and_leave_stdout_alone(monkeypatch, capsys):
    """On a terminal nested tasks draw on stderr only and a note stands above them."""
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    progress = bars("en")
    with progress.task(TITLE, total=2) as outer, progress.task("Inner [x]") as inner:
        outer.advance()
        inner.advance()
        progress.note("waiting for [another]")
    assert "waiting for [another]" in screen.getvalue()
    assert capsys.readouterr().out == ""


def test_a_failing_task_gives_the_terminal_back(monkeypatch):
    """An exception inside a task ends the bars and passes through; the next task can begin."""
    monkeypatch.setattr("sys.stderr", Terminal())
    progress = bars("en")
    with pytest.raises(ValueError, match="broken"), progress.task("one"):
        raise ValueError("broken")
    with progress.task("two", total=1) as task:
        task.advance()
