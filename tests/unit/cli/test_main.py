"""The command line as a stranger meets it: in a process of its own."""

import json
import os
import signal
import subprocess
import sys

import pytest

from branchwise import __version__
from branchwise.cli.main import GROUPS, VERBS, build, help_texts, main
from branchwise.core.languages import LANGUAGES

HEAVY = {
    "babel",
    "calamine",
    "deltalake",
    "duckdb",
    "holidays",
    "jinja2",
    "numba",
    "numpy",
    "pyarrow",
    "pydantic",
    "python_calamine",
    "rich",
    "scipy",
    "sqlglot",
    "xlsxwriter",
}
COLUMNS_OF_BRANCH = 14
HEADINGS = {"en": "try", "zh-Hant": "建議", "zh-Hans": "建议"}


def branchwise(*arguments, cwd=None, code=None, **environment):
    """Run the command line in a process of its own; `code` runs Python before it."""
    before = f"{code};" if code else ""
    program = f"{before}import branchwise.cli.main as m; m.run()"
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env={**os.environ, **environment},
        timeout=120,
        check=False,
    )


def document(ran):
    """Return the JSON document on stdout; nothing else may stand there."""
    return json.loads(ran.stdout)


def test_help_imports_nothing_heavy():
    """Asking for help imports none of the heavy libraries and no stage of the pipeline."""
    watched = (
        "import atexit, sys; atexit.register(lambda: sys.stderr.write('\\n'.join(sys.modules)))"
    )
    ran = branchwise("--help", code=watched)
    assert ran.returncode == 0
    imported = set(ran.stderr.split())
    assert "branchwise.cli.main" in imported
    assert not HEAVY & {name.split(".")[0] for name in imported}
    assert not [name for name in imported if name.startswith("branchwise.pipeline")]


def test_help_lists_every_verb_of_the_agreement():
    """The help names each verb, and without a verb one gets the help."""
    ran = branchwise("--help")
    for verb in (
        "init",
        "demo",
        "load",
        "check",
        "measure",
        "diagnose",
        "report",
        "template",
        "twin",
    ):
        assert f"  {verb} " in ran.stdout
    assert branchwise().stdout == ran.stdout


def test_version_is_the_packages():
    """--version prints the version and nothing else."""
    assert branchwise("--version").stdout == f"{__version__}\n"


def test_every_argument_is_explained_in_every_language():
    """No verb or argument lacks its help in a language, and no help is left over."""
    texts = help_texts()
    members = {f"{group} {verb.__name__}" for group, verbs in GROUPS.items() for verb in verbs}
    verbs = {verb.__name__ for verb in VERBS}
    assert set(texts) == {"shared", "branchwise", *verbs, *GROUPS, *members}
    for language in LANGUAGES:
        command = build(language)
        used = {name: {"purpose"} for name in texts} | {"shared": set()}
        used["branchwise"] |= {p.name for p in command.params}
        for name, verb in command.commands.items():
            assert verb.help == texts[name]["purpose"].read_in(language)
            explained(used, texts, verb.params, (name, "shared"))
            for inner, member in getattr(verb, "commands", {}).items():
                path = f"{name} {inner}"
                assert member.help == texts[path]["purpose"].read_in(language)
                explained(used, texts, member.params, (path, name, "shared"))
        assert used == {name: set(entries) for name, entries in texts.items()}


def explained(used, texts, parameters, places):
    """Note for each argument the first place that explains it; one that none does fails."""
    for parameter in parameters:
        place = next((place for place in places if parameter.name in texts[place]), places[0])
        used[place].add(parameter.name)


@pytest.mark.parametrize(
    "arguments",
    [
        ["bogus"],
        ["measure", "--bogus"],
        ["load"],
        ["demo", "somewhere", "--branches", "many"],
        ["demo", "somewhere", "--seed", "-1"],
        ["measure", "--compare", "yesterday"],
        ["check", "--lang", "fr"],
        ["template", "no_such_table.xlsx"],
    ],
)
def test_misuse_exits_with_2(arguments, tmp_path):
    """A command that cannot be understood exits with 2, says why on stderr, and does nothing."""
    ran = branchwise(*arguments, cwd=tmp_path)
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ran.stderr.startswith("BW-")
    assert "\n  try " in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_bad_input_exits_with_3(tmp_path):
    """A workspace whose settings are broken is bad input."""
    (tmp_path / "branchwise.toml").write_text("format = [", encoding="utf-8")
    ran = branchwise("init", ".", cwd=tmp_path)
    assert ran.returncode == 3
    assert ran.stderr.startswith("BW-WHS-")


@pytest.mark.parametrize("language", LANGUAGES)
def test_errors_are_told_in_the_language_asked_for(language, tmp_path):
    """--lang and BRANCHWISE_LANG decide the language of an error, wherever --lang stands."""
    by_option = branchwise("template", "x.csv", "--lang", language, cwd=tmp_path)
    by_equals = branchwise("template", f"--lang={language}", "x.csv", cwd=tmp_path)
    by_variable = branchwise("template", "x.csv", cwd=tmp_path, BRANCHWISE_LANG=language)
    assert by_option.stderr == by_equals.stderr == by_variable.stderr
    assert f"\n  {HEADINGS[language]}" in by_option.stderr


def test_answers_are_told_in_the_language_asked_for(tmp_path):
    """A table for people reads in the chosen language, whatever the terminal's encoding."""
    ran = branchwise("init", "bank", "--lang", "zh-Hant", cwd=tmp_path, PYTHONIOENCODING="utf-8")
    assert "工作區" in ran.stdout
    plain = branchwise("init", "bank", "--lang", "zh-Hant", cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert plain.returncode == 0


def test_json_document_has_the_agreed_keys(tmp_path):
    """With --json stdout is one document with the agreed keys and stderr stays silent."""
    ran = branchwise("template", "branch.xlsx", "--json", cwd=tmp_path)
    found = document(ran)
    assert list(found) == ["command", "version", "seed", "seconds", "warnings", "result"]
    assert (found["command"], found["version"], found["seed"]) == ("template", __version__, None)
    assert found["seconds"] >= 0
    assert found["result"]["files"] == [
        {"table": "branch", "count_columns": COLUMNS_OF_BRANCH, "path": "branch.xlsx"}
    ]
    assert ran.stderr == ""


def test_json_errors_are_a_document_too(tmp_path):
    """With --json an error is a document with `problems`, in place of `result`."""
    ran = branchwise("measure", "--json", "--bogus", cwd=tmp_path)
    found = document(ran)
    assert ran.returncode == 2
    assert list(found) == ["command", "version", "seed", "seconds", "warnings", "problems"]
    assert found["command"] == "measure"
    assert set(found["problems"][0]) >= {"code", "what", "where", "rule", "means", "try"}


UNFORESEEN = (
    "import branchwise.pipeline.init as s\n"
    "def init(*a): raise KeyError('Chen Mei-ling')\n"
    "s.init = init\n"
    "pass"
)


def test_unforeseen_errors_exit_with_4_and_quote_no_data(tmp_path):
    """An unforeseen error is told in six parts with its kind and place, not its message."""
    ran = branchwise("init", "bank", cwd=tmp_path, code=UNFORESEEN)
    assert ran.returncode == 4
    assert ran.stderr.startswith("BW-CLI-002")
    assert "KeyError at cli/init.py:" in ran.stderr
    assert "Chen" not in ran.stderr
    assert "Traceback" not in ran.stderr


def test_debug_shows_the_traceback(tmp_path):
    """With --debug the traceback stands before the six parts."""
    ran = branchwise("init", "bank", "--debug", cwd=tmp_path, code=UNFORESEEN)
    assert ran.returncode == 4
    assert "Traceback" in ran.stderr
    assert "Chen Mei-ling" in ran.stderr


def test_a_refused_file_is_bad_input(tmp_path):
    """What the operating system refuses is told with the path and exits with 3."""
    code = (
        "import branchwise.pipeline.init as s\n"
        "def init(*a): raise OSError(28, 'No space left on device', 'part.parquet')\n"
        "s.init = init\npass"
    )
    ran = branchwise("init", "bank", cwd=tmp_path, code=code)
    assert ran.returncode == 3
    assert "No space left on device" in ran.stderr
    assert "part.parquet" in ran.stderr


def test_an_interruption_says_that_nothing_was_lost(tmp_path):
    """Ctrl-C exits with 130 and says that nothing was lost."""
    code = (
        "import os, signal\n"
        "import branchwise.pipeline.init as s\n"
        f"def init(*a): os.kill(os.getpid(), {int(signal.SIGINT)})\n"
        "s.init = init\npass"
    )
    ran = branchwise("init", "bank", cwd=tmp_path, code=code)
    assert ran.returncode == 130
    assert "Nothing was lost" in ran.stderr


def test_a_reader_that_goes_away_is_no_error(tmp_path):
    """`branchwise … | head -0` ends quietly."""
    program = "import branchwise.cli.main as m; m.run()"
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        ran = subprocess.run(
            [sys.executable, "-c", program, "init", "bank"],
            stdout=gone,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            timeout=120,
            check=False,
        )
    assert ran.returncode == 0
    assert ran.stderr == b""


def test_main_returns_the_code_in_process(capsys):
    """The same function serves programs that call it without a process."""
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"{__version__}\n"
    assert main(["bogus"]) == 2
    assert capsys.readouterr().err.startswith("BW-CLI-001")
