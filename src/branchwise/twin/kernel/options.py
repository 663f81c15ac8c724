"""How the kernel is compiled: parts into the loop, no counting of references.

Nothing but the entry (see `compiled`) is ever called from Python, so the parts need no wrappers:
those would take longer to compile than the kernel itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])

_PART: dict[str, Any] = {
    "_nrt": False,
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}


def inline(function: Function) -> Function:
    """Compile a small part that is copied into its callers."""
    return cast("Function", njit(**_PART, forceinline=True)(function))


def apart(function: Function) -> Function:
    """Compile a part that runs seldom: left as a function, so that the loop compiles quickly."""
    return cast("Function", njit(**_PART)(function))
