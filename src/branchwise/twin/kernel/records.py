"""Arrays of records: what the compiled loop reads and writes, field by field of eight bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import types
from numba.extending import intrinsic
from numba.np import arrayobj

Records = npt.NDArray[np.void]
Fields = dict[str, str]


def fields(*, whole: str = "", real: str = "", words: str = "") -> Fields:
    """Return fields by their kinds: whole numbers, real numbers, 64-bit words.

    Examples
    --------
    >>> list(fields(whole="kind", real="at left"))
    ['kind', 'at', 'left']
    """
    kinds = {"i8": whole, "f8": real, "u8": words}
    return {name: kind for kind, names in kinds.items() for name in names.split()}


def empty(layout: Fields, count: int) -> Records:
    """Return so many records of zeros."""
    return np.zeros(count, dtype=np.dtype(list(layout.items()), align=True))


def filled(layout: Fields, **columns: Any) -> Records:  # noqa: ANN401 - anything array-like
    """Return records from columns, one value a record each.

    Examples
    --------
    >>> filled(fields(real="share", whole="to"), share=[0.5, 1.0], to=[3, 4])["to"].tolist()
    [3, 4]
    """
    if set(columns) != set(layout):
        raise KeyError(set(columns) ^ set(layout))
    lengths = {len(column) for column in columns.values()}
    records = empty(layout, max(lengths))
    for name, column in columns.items():
        records[name] = np.asarray(column, dtype=layout[name])
    return records


@intrinsic  # type: ignore[untyped-decorator] # of the compiler
def one(_typing: Any, records: Any, place: Any) -> Any:  # noqa: ANN401 - types of the compiler
    """Return one of some records, inside compiled code: ``one(state.customers, customer).left``.

    Like ``records[place]``, but a place below 0 is not taken to count from the end: asking for that
    at every access makes the loop a sixth slower.
    """
    if not isinstance(records, types.Array) or records.ndim != 1:
        return None

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401
        array = arrayobj.make_array(signature.args[0])(context, builder, arguments[0])
        number = context.cast(builder, arguments[1], signature.args[1], types.intp)
        pointer = builder.gep(array.data, [number])
        return arrayobj.load_item(context, builder, signature.args[0], pointer)

    return records.dtype(records, place), generate
