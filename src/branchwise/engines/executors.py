"""Executors: the same calls in this process, or spread over a pool of processes."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.connection import wait
from typing import Self, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD_PER_WORKER = 2


class SerialExecutor:
    """An Executor that calls in this process, one item after another.

    Examples
    --------
    >>> with SerialExecutor() as executor:
    ...     list(executor.map(abs, [-1, 2]))
    [1, 2]
    """

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yield ``function(item)`` for each item, in order."""
        return map(function, items)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Nothing to give back."""


class ProcessExecutor:
    """An Executor over a pool of fresh processes (spawned: no state is inherited).

    Function and items must be picklable: the function at the top of a module. Only a few items a
    worker are under way at a time, so items may be a long generator. Leaving the block, an
    exception or Ctrl-C drops the calls that have not begun and ends the processes; workers leave
    Ctrl-C to their parent, and end at once where it was killed.

    Parameters
    ----------
    workers : int, optional
        Number of processes; that of the cores by default.

    Examples
    --------
    >>> with ProcessExecutor(workers=1) as executor:
    ...     list(executor.map(abs, [-1, 2]))
    [1, 2]
    """

    def __init__(self, workers: int | None = None) -> None:
        self._workers = workers or os.cpu_count() or 1
        self._pool: ProcessPoolExecutor | None = None

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yield ``function(item)`` for each item, in order.

        The first exception of a call is raised at its place in the order; calls behind it that
        have not begun are dropped.
        """
        pool = self._opened()
        waiting: deque[Future[Result]] = deque()
        queue = iter(items)
        try:
            for item in itertools.islice(queue, AHEAD_PER_WORKER * self._workers):
                waiting.append(pool.submit(function, item))
            while waiting:
                result = waiting.popleft().result()
                for item in itertools.islice(queue, 1):
                    waiting.append(pool.submit(function, item))
                yield result
        finally:
            for future in waiting:
                future.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _opened(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                max_workers=self._workers,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_bound_to_the_parent,
            )
        return self._pool


def _bound_to_the_parent() -> None:
    """Leave Ctrl-C to the parent; end with it.

    A worker whose parent was killed would wait for its next call for ever, with all its memory: it
    holds both ends of the queue of calls.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_after_the_parent, daemon=True).start()


def _end_after_the_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
