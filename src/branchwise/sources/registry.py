"""The adapters by name: those of branchwise and those that other packages bring.

Another package registers an adapter as an entry point of the group ``branchwise.adapters``: the
name people type, and a class without arguments that keeps the protocol
`branchwise.sources.model.Adapter`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import entry_points
from typing import cast

from branchwise.core.errors import failure
from branchwise.sources.model import Adapter

GROUP = "branchwise.adapters"
BUILT_IN: Mapping[str, str] = {
    "files": "branchwise.sources.files:FilesAdapter",
    "anonymousbank": "branchwise.sources.anonymousbank:AnonymousBankAdapter",
    "berka": "branchwise.sources.berka.adapter:BerkaAdapter",
    "hk_branches": "branchwise.sources.hk_branches:HongKongBranchesAdapter",
    "demo": "branchwise.sources.demo.adapter:DemoAdapter",
}


def adapter_names() -> tuple[str, ...]:
    """Return the names of all adapters, in alphabetical order.

    Examples
    --------
    >>> "files" in adapter_names()
    True
    """
    return tuple(sorted({*BUILT_IN, *(point.name for point in entry_points(group=GROUP))}))


def adapter(name: str, options: Mapping[str, str] | None = None) -> Adapter:
    """Return the adapter of a name.

    Parameters
    ----------
    name : str
        One of `adapter_names`.
    options : mapping of str to str, optional
        What the adapter is told besides the path; the class names its options in ``options``.

    Raises
    ------
    BranchwiseError
        [BW-SRC-001] if there is none of that name, [BW-SRC-073] for an option that it has not.

    Examples
    --------
    >>> adapter("files").name
    'files'
    """
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        return _made(name, getattr(import_module(module), attribute), options or {})
    for point in entry_points(group=GROUP):
        if point.name == name:
            return _made(name, point.load(), options or {})
    near = get_close_matches(name, adapter_names(), n=1)
    raise failure(
        "BW-SRC-001",
        name=name,
        known=", ".join(adapter_names()),
        nearest=near[0] if near else "files",
    )


def _made(name: str, kind: Callable[..., object], options: Mapping[str, str]) -> Adapter:
    known: tuple[str, ...] = getattr(kind, "options", ())
    for key in options:
        if key not in known:
            raise failure("BW-SRC-073", name=name, key=key, known=", ".join(known) or "–")
    return cast("Adapter", kind(**options))
