"""The peer programs of the reference day, each run in a process of its own.

Run: ``python benchmarks/twin/peers.py [--days 2000] [--runs 5] [--cimba PYTHON]`` prints customers
a processor second of each peer (median of the runs, the peers taking turns) and how far their
outputs are apart in standard errors. Where two are more than 3 apart in one they are all compared
once more, over ten times the days with other seeds, and the exit code is 1 where the same two are
apart in the same output again.

The peers: SimPy with a process a customer (`simpy-processes`) and with bare callbacks (`simpy`), an
event-list program in C, tuned (`c`) and as a textbook has it (`c-textbook`), Cimba, and this
package's twin.

Processor seconds are taken inside the process and cover drawing, simulating and summing up; loading
libraries and compiling are left out. The C program is built with `gcc -O3 -march=native`.

Cimba is not a dependency of this project: install it into an environment of its own,
``python -m venv DIR && DIR/bin/pip install cimba==0.9.6``, and name that interpreter with `--cimba`
or in the environment variable `BRANCHWISE_CIMBA_PYTHON`. Without it the peer is left out, with the
reason.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from reference_day import c_header, outputs

HERE = Path(__file__).resolve().parent
PROGRAMS = {
    "simpy-processes": "simpy_processes.py",
    "simpy": "simpy_day.py",
    "c": "event_list.c",
    "c-textbook": "event_list.c",
    "cimba": "cimba_day.py",
    "twin": "twin_day.py",
}
PEERS = tuple(PROGRAMS)
C_OPTIONS: dict[str, tuple[str, ...]] = {"c": (), "c-textbook": ("-DTEXTBOOK",)}
LENGTHS = {  # timed, as multiples
    "simpy-processes": 1, "simpy": 1, "c": 20, "c-textbook": 20, "cimba": 2, "twin": 20,
}  # fmt: skip
CIMBA_VERSION = "0.9.6"
CIMBA_VARIABLE = "BRANCHWISE_CIMBA_PYTHON"
FARTHEST = 3.0
LOOKS = (1, 10)  # multiples of the days; by chance one table in four has a difference over 3

Summary = dict[str, list[float]]
Apart = tuple[str, str, str]  # an output, and the two peers


class AbsentPeerError(Exception):
    """A peer cannot run here; the message says why and what to install."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of a peer: its speed, and every output as `[value, standard error]`."""

    customers_per_cpu_second: float
    summary: Summary


def measure(peer: str, days: int, seed: int, cimba: str | None = None) -> Measured:
    """Run one peer for some days in a process of its own.

    Raises
    ------
    AbsentPeerError
        Where the peer's compiler or library is missing.
    """
    command = [*command_of(peer, cimba), str(days), str(seed)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout)
    return Measured(found["customers"] / found["seconds"], found["summary"])


def command_of(peer: str, cimba: str | None = None) -> list[str]:
    """Find out how to start a peer; a C program is built once a process."""
    if PROGRAMS[peer] == PROGRAMS["c"]:
        return [str(_built(_scratch().name, *C_OPTIONS[peer]))]
    if peer == "cimba":
        return [_cimba_python(cimba), str(HERE / PROGRAMS[peer])]
    library = "branchwise" if peer == "twin" else "simpy"
    if not _has(sys.executable, library):
        raise AbsentPeerError(f"{library} is not installed: pip install {library}")
    return [sys.executable, str(HERE / PROGRAMS[peer])]


def distances(one: Summary, other: Summary) -> dict[str, float]:
    """Count the standard errors between two programs, output by output."""
    found = {}
    for name in outputs():
        (value, error), (their_value, their_error) = one[name], other[name]
        found[name] = (value - their_value) / math.hypot(error, their_error)
    return found


@functools.cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="reference_day_")


@functools.cache
def _built(folder: str, *wished: str) -> Path:
    """Compile the C program into a folder, with the options wished."""
    compiler = shutil.which(os.environ.get("CC", "gcc"))
    if compiler is None:
        raise AbsentPeerError("no C compiler found: install gcc, or name one in CC")
    program = Path(folder) / "".join(("event_list", *wished))
    (Path(folder) / "reference_day.h").write_text(c_header(), encoding="utf-8")
    options = ["-O3", "-march=native", *wished, f"-I{folder}", "-o", str(program)]
    subprocess.run([compiler, *options, str(HERE / PROGRAMS["c"]), "-lm"], check=True)
    return program


@functools.cache
def _cimba_python(given: str | None) -> str:
    """Find an interpreter that has Cimba."""
    python = given or os.environ.get(CIMBA_VARIABLE) or sys.executable
    if shutil.which(python) is None or not _has(python, "cimba"):
        raise AbsentPeerError(
            f"cimba is not installed for {Path(python).name}: python -m venv DIR && DIR/bin/pip "
            f"install cimba=={CIMBA_VERSION}, then --cimba DIR/bin/python or {CIMBA_VARIABLE}"
        )
    return python


@functools.cache
def _has(python: str, library: str) -> bool:
    command = [python, "-c", f"import {library}"]
    done = subprocess.run(command, check=False, stderr=subprocess.DEVNULL)
    return done.returncode == 0


def print_speeds(days: int, runs: int, cimba: str | None) -> list[str]:
    """Time every peer, one at a time in turns; return the peers that are here."""
    speeds: dict[str, list[float]] = {}
    absent: dict[str, str] = {}
    for run, peer in itertools.product(range(runs), PEERS):
        try:
            found = measure(peer, days * LENGTHS[peer], 1 + run, cimba)
        except AbsentPeerError as reason:
            absent[peer] = str(reason)
        else:
            speeds.setdefault(peer, []).append(found.customers_per_cpu_second)
    print(f"customers a processor second, median of {runs} (lowest to highest)")
    for peer, of_runs in speeds.items():
        middle = statistics.median(of_runs)
        print(f"  {peer:<16}{middle:>12,.0f}   ({min(of_runs):,.0f} to {max(of_runs):,.0f})")
    for peer, reason in absent.items():
        print(f"  {peer:<16}     skipped: {reason}")
    return list(speeds)


def agree(peers: list[str], days: int, seed: int, cimba: str | None) -> bool:
    """Compare every two peers, once more where any are apart; return whether they agree."""
    apart: set[Apart] | None = None
    for look in LOOKS:
        found = print_distances(peers, days * look, seed * 100 * look, cimba)
        apart = found if apart is None else apart & found
        if not apart:
            break
    for name, one, other in sorted(apart or ()):
        print(f"apart in both tables: {name} of {one} and {other}")
    return not apart


def print_distances(peers: list[str], days: int, seed: int, cimba: str | None) -> set[Apart]:
    """Compare every two peers over some days; return what is too far apart."""
    summaries = {
        peer: measure(peer, days, seed + place, cimba).summary for place, peer in enumerate(peers)
    }
    pairs = list(itertools.combinations(peers, 2))
    apart = {pair: distances(*(summaries[peer] for peer in pair)) for pair in pairs}
    print(f"\noutputs over {days:,} days, and the largest difference in standard errors")
    print(f"{'':<28}", *(f"{peer:>15}" for peer in peers), " largest  between")
    for name in outputs():
        values = (f"{summaries[peer][name][0]:>15.5g}" for peer in peers)
        print(f"{name:<28}", *values, _farthest(name, apart))
    sizes = {(name, *pair): abs(apart[pair][name]) for pair in pairs for name in outputs()}
    largest = max(sizes.values(), default=0.0)
    print(f"\nlargest difference: {largest:.2f} standard errors (at most {FARTHEST:g} wanted)")
    return {which for which, size in sizes.items() if size > FARTHEST}


def _farthest(name: str, apart: dict[tuple[str, str], dict[str, float]]) -> str:
    """Say which two are farthest apart in an output."""
    if not apart:
        return ""
    pair = max(apart, key=lambda two: abs(apart[two][name]))
    return f"{apart[pair][name]:>8.2f}  {pair[0]}, {pair[1]}"


def main() -> int:
    """Read the arguments, time the peers and compare their outputs."""
    parser = argparse.ArgumentParser(description="Run the peers of the reference day.")
    parser.add_argument("--days", type=int, default=2_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cimba", metavar="PYTHON", help="an interpreter that has cimba")
    given = parser.parse_args()
    peers = print_speeds(given.days, given.runs, given.cimba)
    return int(not agree(peers, given.days, given.seed, given.cimba))


if __name__ == "__main__":
    sys.exit(main())
