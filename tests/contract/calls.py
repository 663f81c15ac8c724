"""Functions that processes of an executor can import."""

import os
import time

from branchwise.core.randomness import stream


def square(item):
    return item * item


def draw(item):
    """Return random bytes that belong to the item alone."""
    seed, name = item
    return stream(seed, "contract", name).random(16).tobytes()


def fail_on_odd(item):
    if item % 2:
        raise ValueError(f"odd: {item}")
    return item


def mark_and_wait(item):
    """Leave a file named after the item, then take a moment."""
    folder, name, seconds = item
    (folder / str(name)).touch()
    time.sleep(seconds)
    return os.getpid()
