"""Named random streams: chance that does not know who computes it, or in which order."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

KEY_BYTES = 16


def stream(seed: int, *path: str | int) -> np.random.Generator:
    """Return the random stream of a name.

    A stream belongs to its seed and its path of names and to nothing else: the same two give the
    same numbers in any process, in any order and with any number of workers, and streams of
    different names are independent. Philox is counter-based: every key is a stream of its own
    [1]_; the key is a hash of seed and path.

    Parameters
    ----------
    seed : int
        The seed that a person gave, 0 or more.
    *path : str or int
        What the chance is for, from coarse to fine: ``stream(7, "visits", "B001", 12)``.

    Returns
    -------
    numpy.random.Generator
        A fresh generator at the beginning of the stream.

    References
    ----------
    .. [1] Salmon, Moraes, Dror and Shaw (2011), Parallel random numbers: as easy as 1, 2, 3,
       SC '11, doi:10.1145/2063384.2063405.

    Examples
    --------
    >>> one, again = stream(7, "visits", "B001"), stream(7, "visits", "B001")
    >>> bool((one.random(3) == again.random(3)).all())
    True
    >>> bool(stream(7, "visits", "B002").random() == stream(7, "visits", "B001").random())
    False
    """
    import numpy as np

    return np.random.Generator(np.random.Philox(key=_key(seed, *path)))


def derived_seed(seed: int, *path: str | int) -> int:
    """Return a seed (63 bits) of a name, for libraries that take a number.

    Examples
    --------
    >>> derived_seed(7, "peers") == derived_seed(7, "peers") != derived_seed(8, "peers")
    True
    """
    return _key(seed, *path) >> (8 * KEY_BYTES - 63)


def _key(seed: int, *path: str | int) -> int:
    digest = hashlib.blake2b(digest_size=KEY_BYTES, person=b"branchwise")
    for part in (seed, *path):
        encoded = str(part).encode()
        kind = b"i" if isinstance(part, int) else b"t"
        digest.update(kind + len(encoded).to_bytes(8, "little") + encoded)
    return int.from_bytes(digest.digest(), "little")
