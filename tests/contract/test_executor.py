"""What every Executor promises, over every implementation."""

import importlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchwise.engines.executors import ProcessExecutor, SerialExecutor

HERE = Path(__file__).parent
EXECUTORS = {
    "serial": SerialExecutor,
    "one process": lambda: ProcessExecutor(workers=1),
    "three processes": lambda: ProcessExecutor(workers=3),
}


@pytest.fixture(scope="module")
def calls():
    """Import the calls by a name that spawned processes can import too."""
    sys.path.insert(0, str(HERE))
    try:
        yield importlib.import_module("calls")
    finally:
        sys.path.remove(str(HERE))


@pytest.fixture(scope="module", params=list(EXECUTORS))
def executor(request, calls):  # noqa: ARG001 - the calls must be importable
    with EXECUTORS[request.param]() as made:
        yield made


def test_results_come_in_the_order_of_the_items(executor, calls):
    """However many workers, result n belongs to item n; no item gives no result."""
    assert list(executor.map(calls.square, range(40))) == [item * item for item in range(40)]
    assert list(executor.map(calls.square, [])) == []


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32), names=st.lists(st.text(max_size=4), max_size=9))
def test_chance_gives_the_same_bytes_everywhere(executor, calls, seed, names):
    """The random bytes of an item are those of a plain call in this process."""
    items = [(seed, name) for name in names]
    assert list(executor.map(calls.draw, items)) == [calls.draw(item) for item in items]


def test_the_first_exception_is_raised_at_its_place(executor, calls):
    """Results before the failing item are given; then its exception, not a later one's."""
    found = executor.map(calls.fail_on_odd, [0, 2, 3, 4, 5])
    assert [next(found), next(found)] == [0, 2]
    with pytest.raises(ValueError, match="odd: 3"):
        next(found)
    assert list(executor.map(calls.square, [2])) == [4]


def test_long_generators_are_not_drawn_ahead(executor, calls):
    """Items are taken as results are read, not all at once."""
    taken = []

    def items():
        for item in range(1_000):
            taken.append(item)
            yield item

    found = executor.map(calls.square, items())
    assert next(found) == 0
    assert len(taken) < 20


def test_processes_are_other_processes(calls, tmp_path):
    """A process pool really computes elsewhere, the serial executor here."""
    item = (tmp_path, "here", 0)
    assert list(SerialExecutor().map(calls.mark_and_wait, [item])) == [os.getpid()]
    with ProcessExecutor(workers=1) as pool:
        assert list(pool.map(calls.mark_and_wait, [item])) != [os.getpid()]


def test_leaving_the_block_drops_what_has_not_begun(calls, tmp_path):
    """An exception in the block ends the pool; items far behind were never begun."""
    items = [(tmp_path, number, 0.05) for number in range(200)]

    def stop_after_the_first():
        with ProcessExecutor(workers=1) as pool:
            next(pool.map(calls.mark_and_wait, items))
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        stop_after_the_first()
    assert 1 <= len(list(tmp_path.iterdir())) < 10


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_an_interruption_ends_the_workers(tmp_path):
    """Ctrl-C to the whole group of processes ends in one KeyboardInterrupt and no noise."""
    program = textwrap.dedent(
        """
        import os, signal, sys
        from pathlib import Path
        import calls
        from branchwise.engines.executors import ProcessExecutor

        if __name__ == "__main__":
            folder = Path(sys.argv[1])
            try:
                with ProcessExecutor(workers=2) as pool:
                    for _ in pool.map(calls.mark_and_wait, [(folder, n, 0.1) for n in range(300)]):
                        os.killpg(os.getpgrp(), signal.SIGINT)
            except KeyboardInterrupt:
                print("interrupted")
        """
    )
    script = tmp_path / "program.py"
    script.write_text(program, encoding="utf-8")
    marks = tmp_path / "marks"
    marks.mkdir()
    ran = subprocess.run(
        [sys.executable, str(script), str(marks)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HERE)},
        start_new_session=True,
        timeout=60,
        check=False,
    )
    assert (ran.stdout, ran.returncode) == ("interrupted\n", 0), ran.stderr
    assert ran.stderr == ""
    assert len(list(marks.iterdir())) < 30


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked up in /proc")
def test_workers_end_with_a_parent_that_was_killed(tmp_path):
    """A killed parent cannot end its workers: they see it themselves, also in the midst of work."""
    program = textwrap.dedent(
        """
        import os, sys
        from pathlib import Path
        import calls
        from branchwise.engines.executors import ProcessExecutor

        if __name__ == "__main__":
            with ProcessExecutor(workers=2) as pool:
                items = [(Path(sys.argv[1]), n, 0 if n < 4 else 300) for n in range(6)]
                for worker in pool.map(calls.mark_and_wait, items):
                    print(worker, flush=True)
        """
    )
    script = tmp_path / "program.py"
    script.write_text(program, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(script), str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HERE)},
    ) as parent:
        assert parent.stdout is not None
        workers = {int(parent.stdout.readline()) for _ in range(4)}
        parent.send_signal(signal.SIGKILL)
    until = time.monotonic() + 30
    while any(_lives(worker) for worker in workers) and time.monotonic() < until:
        time.sleep(0.05)
    assert [worker for worker in workers if _lives(worker)] == []


def _lives(process):
    """Return whether a process is there and has not ended yet."""
    try:
        state = (
            Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        )
    except OSError:
        return False
    return state not in {"Z", "X"}
