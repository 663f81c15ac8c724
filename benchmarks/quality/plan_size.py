"""A plan of a large bank: time, processor time, memory, and whether it goes on after a kill.

Run `python benchmarks/quality/plan_size.py --folder F [--copies 25] [--kill-at 0.5]`. A demo bank
of `--branches` × `--days` is made and its twins are calibrated and validated (or `--bank W` names
a workspace where that has been done); `copied_bank` makes `--copies` of each branch. Then comes
``branchwise plan`` in a process of its own, killed where `--kill-at` of the branches have been
tried, and begun again; then ``branchwise report``. What stands in F is used again.

Memory is what all processes hold together, shared pages counted once, looked up every second
(Linux). Processor time counts all processes; the half of it is the time on two idle cores.

Targets: 1,000 branches in 30 minutes on two cores, within 4 GiB; 40 branches (`--copies 1`) in 120
processor seconds.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from copied_bank import copied

from branchwise.pipeline.demo import demo
from branchwise.pipeline.twin.calibrate import calibrate
from branchwise.pipeline.twin.validate import validate

COMMAND = (
    sys.executable,
    "-c",
    "import sys; from branchwise.cli.main import main; sys.exit(main(sys.argv[1:]))",
)
TICK = os.sysconf("SC_CLK_TCK")
MIB = 2**10
EVERY_SECONDS = 1.0
GONE_SECONDS = 10.0


@dataclass(slots=True)
class Watched:
    """What a command and the processes it began have used."""

    seconds: float = 0.0
    peak_kib: int = 0
    main_peak_kib: int = 0
    ticks: dict[int, int] = field(default_factory=dict)

    @property
    def processor_seconds(self) -> float:
        """Of all processes, up to the last look."""
        return sum(self.ticks.values()) / TICK

    def look(self, main: int) -> None:
        """Note what is used now."""
        found = {process: _held_kib(process) for process in family(main)}
        self.peak_kib = max(self.peak_kib, sum(found.values()))
        self.main_peak_kib = max(self.main_peak_kib, found.get(main, 0))
        for process in found:
            self.ticks[process] = max(_ticks(process), self.ticks.get(process, 0))

    def line(self, what: str) -> str:
        """Return what was used as a line."""
        return (
            f"{what}: {self.seconds:,.0f} s, {self.processor_seconds:,.0f} processor s, at most "
            f"{self.peak_kib / MIB:,.0f} MiB together, {self.main_peak_kib / MIB:,.0f} MiB in the "
            "main process"
        )


def family(process: int) -> list[int]:
    """Return a process and all that it began."""
    found = [process]
    for tasks in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = tasks.read_text(encoding="utf-8").split()
        except OSError:
            continue
        for child in children:
            found += family(int(child))
    return found


def _held_kib(process: int) -> int:
    """Return the memory of a process, pages shared with others by parts [KiB]."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _ticks(process: int) -> int:
    try:
        fields = (
            Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        )
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def watched(arguments: list[str], stop_at: int = 0, tried: Path | None = None) -> Watched:
    """Run a command to its end, or kill its main process when so many files are in a folder."""
    found, begun = Watched(), time.monotonic()
    process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.DEVNULL)
    while process.poll() is None:
        found.look(process.pid)
        if stop_at and tried is not None and len(list(tried.glob("*.json"))) >= stop_at:
            others = family(process.pid)[1:]
            process.kill()
            process.wait()
            require_gone(others)
            found.seconds = time.monotonic() - begun
            return found
        time.sleep(EVERY_SECONDS)
    found.seconds = time.monotonic() - begun
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}")
    return found


def require_gone(processes: list[int]) -> None:
    """Fail where processes outlive the one that began them."""
    until = time.monotonic() + GONE_SECONDS
    while left := [one for one in processes if _held_kib(one)]:
        if time.monotonic() > until:
            raise SystemExit(f"workers still there {GONE_SECONDS:.0f} s after the kill: {left}")
        time.sleep(0.1)


def made(folder: Path, branches: int, days: int) -> Path:
    """Return a demo bank with twins, made unless it is there."""
    bank = folder / f"bank-{branches}-{days}"
    ready = bank / "twin" / "ready"
    if not ready.is_file():
        demo(bank, branches=branches, days=days, seed=1)
        calibrate(bank)
        validate(bank)
        ready.touch()
    return bank


def main() -> None:
    """Make the bank, plan it, print what that took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--bank", type=Path)
    parser.add_argument("--branches", type=int, default=40)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--copies", type=int, default=25)
    parser.add_argument("--kill-at", type=float, default=0.0)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    source = given.bank or made(given.folder, given.branches, given.days)
    large = given.folder / f"copies-{given.copies}"
    if not (large / "warehouse" / "CURRENT").is_file():
        copied(source, large, given.copies)
    count = sum(path.is_dir() for path in (large / "twin").iterdir())
    tried = large / "plans" / "tried"
    print(
        f"{count:,} branches with a twin, {len(list(tried.glob('*.json'))):,} of them tried before"
    )
    planning = ["plan", "--workspace", str(large), "--workers", str(given.workers)]
    if given.kill_at:
        stopped = watched(planning, max(1, round(given.kill_at * count)), tried)
        print(stopped.line("plan until it was killed"), flush=True)
    before = {path: path.stat().st_mtime_ns for path in tried.glob("*.json")}
    print(watched(planning).line("plan" if not before else "plan, gone on"), flush=True)
    same = sum(path.stat().st_mtime_ns == changed for path, changed in before.items())
    print(f"files of branches tried before that were not tried again: {same:,} of {len(before):,}")
    print(watched(planning).line("the same plan again"), flush=True)
    print(watched(["report", "--workspace", str(large)]).line("report"), flush=True)
    for path in [*large.glob("plans/P-*/plan.json"), *(large / "reports").iterdir()]:
        print(f"{path.relative_to(large)}: {path.stat().st_size / 1e6:,.1f} MB")


if __name__ == "__main__":
    main()
