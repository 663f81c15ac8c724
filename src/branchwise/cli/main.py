"""The command line: one verb a command, stable exit codes, six-part errors.

Exit codes: 0 done, 1 done with findings that the user asked to fail on, 2 usage, 3 bad input,
4 internal error, 130 interrupted from the keyboard.
"""

from __future__ import annotations

import os
import sys
import tomllib
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import typer

import branchwise
from branchwise.cli.check import check
from branchwise.cli.demo import demo
from branchwise.cli.diagnose import diagnose
from branchwise.cli.evaluate import evaluate
from branchwise.cli.forecast import forecast
from branchwise.cli.init import init
from branchwise.cli.load import load
from branchwise.cli.measure import measure
from branchwise.cli.optimise import OPTIMISE
from branchwise.cli.output import Wishes, print_failure
from branchwise.cli.plan import PLAN, plan
from branchwise.cli.report import report
from branchwise.cli.template import template
from branchwise.cli.twin import TWIN
from branchwise.core.errors import BranchwiseError, Where, failure
from branchwise.core.languages import Language, Text

VERBS: tuple[Callable[..., None], ...] = (
    init,
    demo,
    load,
    check,
    measure,
    diagnose,
    evaluate,
    forecast,
    report,
    template,
)
GROUPS: Mapping[str, tuple[Callable[..., None], ...]] = {
    "twin": TWIN,
    "optimise": OPTIMISE,
    "plan": PLAN,
}
ALONE: Mapping[str, Callable[..., None]] = {"plan": plan}
"""Groups that do something of their own where none of their verbs is named."""
INTERRUPTED = 130


def run() -> None:
    """Run the command line of this process and exit with its code."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code.

    Parameters
    ----------
    arguments : sequence of str
        What the user typed after ``branchwise``.

    Returns
    -------
    int
        The exit code; see the module.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    wishes = Wishes.among(arguments, os.environ)
    if wishes.command in GROUPS and len(arguments) > 1 and not arguments[1].startswith("-"):
        wishes = replace(wishes, command=f"{wishes.command} {arguments[1]}")
    try:
        return _run(arguments, wishes)
    except KeyboardInterrupt:
        print_failure(failure("BW-CLI-003"), wishes)
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last line of defence
        found = _foreseen(error)
        if wishes.debug:
            traceback.print_exception(error)
    print_failure(found, wishes)
    return found.exit_code


def build(language: Language = "en") -> Any:  # noqa: ANN401 - a command of the parser library
    """Return the parser of the whole command line with its help in one language.

    Examples
    --------
    >>> sorted(build().commands)[:2]
    ['check', 'demo']
    """
    app = typer.Typer(
        name="branchwise",
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_branchwise)
    for verb in VERBS:
        app.command(verb.__name__)(verb)
    for name, verbs in GROUPS.items():
        group = typer.Typer(rich_markup_mode=None)
        group.callback(invoke_without_command=True)(ALONE.get(name, _group))
        for verb in verbs:
            group.command(verb.__name__)(verb)
        app.add_typer(group, name=name)
    command = typer.main.get_command(app)
    _explain(command, help_texts(), language)
    return command


def help_texts() -> dict[str, dict[str, Text]]:
    """Return the help of every verb by the name of the argument; ``purpose`` is the verb's own.

    A verb of a group stands under both names, such as ``twin run``; what its group explains need
    not be said again.
    """
    declared = tomllib.loads(
        files("branchwise.cli").joinpath("help.toml").read_text(encoding="utf-8")
    )
    return {
        verb: {name: Text.parse(text) for name, text in texts.items()}
        for verb, texts in declared.items()
    }


def _branchwise(
    context: typer.Context,
    *,
    version: bool = typer.Option(False, "--version"),  # noqa: FBT003
) -> None:
    if version:
        typer.echo(branchwise.__version__)
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _group(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _run(arguments: Sequence[str], wishes: Wishes) -> int:
    command = build(wishes.language)
    try:
        code = command.main(args=list(arguments), prog_name="branchwise", standalone_mode=False)
    except typer.TyperException as error:
        raise _misunderstood(error) from error
    except SystemExit:  # the parser's answer to a reader of stdout that went away
        return 0
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    sys.stdout.flush()
    return code if isinstance(code, int) else 0


def _explain(command: Any, texts: dict[str, dict[str, Text]], language: Language) -> None:  # noqa: ANN401
    command.help = texts["branchwise"]["purpose"].read_in(language)
    _explain_arguments(command, {**texts["shared"], **texts["branchwise"]}, language)
    for name, verb in command.commands.items():
        known = {**texts["shared"], **texts[name]}
        _explain_verb(verb, known, language)
        for inner, member in getattr(verb, "commands", {}).items():
            _explain_verb(member, {**known, **texts[f"{name} {inner}"]}, language)


def _explain_verb(verb: Any, known: dict[str, Text], language: Language) -> None:  # noqa: ANN401
    verb.help = known["purpose"].read_in(language)
    _explain_arguments(verb, known, language)


def _explain_arguments(command: Any, texts: dict[str, Text], language: Language) -> None:  # noqa: ANN401
    for parameter in command.params:
        parameter.help = texts[parameter.name].read_in(language)


def _misunderstood(error: typer.TyperException) -> BranchwiseError:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "branchwise"
    return failure("BW-CLI-001", message=error.format_message(), usage=f"{path} --help")


def _foreseen(error: Exception) -> BranchwiseError:
    if isinstance(error, BranchwiseError):
        return error
    if isinstance(error, OSError):
        place = str(error.filename) if error.filename is not None else ""
        reason = error.strerror or type(error).__name__
        return failure("BW-CLI-004", Where(place=place), reason=reason)
    package = Path(branchwise.__file__).parent
    lines = [
        f"{Path(frame.filename).relative_to(package).as_posix()}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(package)
    ]
    line = lines[-1] if lines else "?"
    return failure("BW-CLI-002", kind=type(error).__name__, line=line)
