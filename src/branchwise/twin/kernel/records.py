"""Arrays of records: what the compiled loop reads and writes, field by field of eight bytes."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from struct import Struct
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np import arrayobj

Records = npt.NDArray[np.void]
Fields = dict[str, str]
CODES = {"i8": "q", "f8": "d", "u8": "Q"}
"""Kinds of fields as the module `struct` writes them."""


def fields(*, whole: str = "", real: str = "", words: str = "") -> Fields:
    """Return fields by their kinds: whole numbers, real numbers, 64-bit words.

    Examples
    --------
    >>> list(fields(whole="kind", real="at left"))
    ['kind', 'at', 'left']
    """
    kinds = {"i8": whole, "f8": real, "u8": words}
    return {name: kind for kind, names in kinds.items() for name in names.split()}


@lru_cache(maxsize=64)
def _layout_of(names: tuple[str, ...], kinds: tuple[str, ...]) -> np.dtype[np.void]:
    return np.dtype(list(zip(names, kinds, strict=True)), align=True)


@lru_cache(maxsize=256)
def _packing_of(kinds: tuple[str, ...], count: int) -> Struct:
    return Struct("=" + count * "".join(CODES[kind] for kind in kinds))


def empty(layout: Fields, count: int) -> Records:
    """Return so many records of zeros."""
    return np.zeros(count, dtype=_layout_of(tuple(layout), tuple(layout.values())))


def filled(layout: Fields, **columns: Any) -> Records:  # noqa: ANN401 - anything array-like
    """Return records from columns, one value a record each.

    Packed at once: a scenario has a hundred columns of a few values, and one by one they would take
    longer than a day lived.

    Examples
    --------
    >>> filled(fields(real="share", whole="to"), share=[0.5, 1.0], to=[3, 4])["to"].tolist()
    [3, 4]
    """
    if set(columns) != set(layout):
        raise KeyError(set(columns) ^ set(layout))
    rows = list(zip(*(columns[name] for name in layout), strict=True))
    if not rows:
        return empty(layout, 0)
    kinds = tuple(layout.values())
    packed = _packing_of(kinds, len(rows)).pack(*chain.from_iterable(rows))
    return np.frombuffer(bytearray(packed), dtype=_layout_of(tuple(layout), kinds))


@intrinsic  # type: ignore[untyped-decorator] # of the compiler
def one(_typing: Any, array: Any, place: Any) -> Any:  # noqa: ANN401 - types of the compiler
    """Return one element of an array, in compiled code: ``one(state.customers, customer).left``.

    Like ``array[place]``, but a place below 0 is not taken to count from the end: asking for that
    at every access makes the loop a sixth slower. A place in several dimensions is a tuple.
    """
    kinds = place if isinstance(place, types.BaseTuple) else (place,)
    if not isinstance(array, types.Array) or array.ndim != len(kinds) or array.layout != "C":
        return None

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401
        pointer = _pointer(context, builder, signature.args, arguments)
        return arrayobj.load_item(context, builder, signature.args[0], pointer)

    return array.dtype(array, place), generate


@intrinsic  # type: ignore[untyped-decorator] # of the compiler
def put(_typing: Any, array: Any, place: Any, value: Any) -> Any:  # noqa: ANN401
    """Set one element of an array, inside compiled code: ``put(state.due, server, now)``."""
    kinds = place if isinstance(place, types.BaseTuple) else (place,)
    if not isinstance(array, types.Array) or array.ndim != len(kinds) or array.layout != "C":
        return None

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401
        pointer = _pointer(context, builder, signature.args, arguments)
        found = context.cast(builder, arguments[2], signature.args[2], array.dtype)
        arrayobj.store_item(context, builder, signature.args[0], found, pointer)
        return context.get_dummy_value()

    return types.void(array, place, value), generate


@intrinsic  # type: ignore[untyped-decorator] # of the compiler
def lowest_bit(_typing: Any, _word: Any) -> Any:  # noqa: ANN401
    """Return the number of the lowest bit of a word that is 1; there must be one."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:  # noqa: ANN401
        return builder.cttz(arguments[0], cgutils.true_bit)

    return types.int64(types.uint64), generate


def _pointer(context: Any, builder: Any, kinds: Any, arguments: Any) -> Any:  # noqa: ANN401
    """Return the address of an element of a C-ordered array."""
    array = arrayobj.make_array(kinds[0])(context, builder, arguments[0])
    if isinstance(kinds[1], types.BaseTuple):
        places = cgutils.unpack_tuple(builder, arguments[1])
        numbers = [
            context.cast(builder, place, kind, types.intp)
            for place, kind in zip(places, kinds[1].types, strict=True)
        ]
    else:
        numbers = [context.cast(builder, arguments[1], kinds[1], types.intp)]
    shape = cgutils.unpack_tuple(builder, array.shape)
    number = numbers[0]
    for further, length in zip(numbers[1:], shape[1:], strict=True):
        number = builder.add(builder.mul(number, length), further)
    return builder.gep(array.data, [number])
