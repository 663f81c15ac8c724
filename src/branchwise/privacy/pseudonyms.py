"""Keyed pseudonyms: the same person has the same one, and nobody without the key can tell whom.

A pseudonym is ``p`` and the first 128 bits of HMAC-SHA-256 of the identifier, in hexadecimal.
With 10 million identifiers the chance that any two collide is below 2e-25 (birthday bound). A text
that has the form of a pseudonym already is left alone, so that cleaned rows can be cleaned again.

References
----------
Krawczyk, Bellare and Canetti (1997), HMAC: keyed-hashing for message authentication, RFC 2104,
doi:10.17487/RFC2104.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from branchwise.core.errors import Where, failure

if TYPE_CHECKING:
    from branchwise.core.ports import Engine

KEY_BYTES = 32
FORM = "p[0-9a-f]{32}"
BLANKS = " \t\r\n\u00a0\u3000\ufeff"
_HEX_DIGITS = 32
_BLOCK_BYTES = 64


def pseudonym(identifier: str, key: bytes) -> str:
    """Return the pseudonym of one identifier.

    Parameters
    ----------
    identifier : str
        The number or name as the bank writes it; blanks around it do not count.
    key : bytes, length 32
        The key of the workspace.

    Returns
    -------
    str, length 33
        ``p`` and 32 hexadecimal digits.

    Examples
    --------
    >>> pseudonym("C7781", bytes(32))
    'p1dbe6c3add1477836f020e5fe861d650'
    >>> pseudonym(pseudonym("C7781", bytes(32)), bytes(32)) == pseudonym("C7781", bytes(32))
    True
    """
    text = identifier.strip(BLANKS)
    if re.fullmatch(FORM, text):
        return text
    return "p" + hmac.digest(key, text.encode(), "sha256").hex()[:_HEX_DIGITS]


def install_pseudonyms(engine: Engine, key: bytes) -> None:
    """Define the DuckDB macro ``pseudonym(text)``: null stays null.

    The key is a variable of the session: it stands in no query, plan, view or file.

    Parameters
    ----------
    engine : Engine
        Where the macro is wanted.
    key : bytes, length 32
        The key of the workspace.

    Examples
    --------
    >>> from branchwise.engines.duckdb import open_duckdb
    >>> with open_duckdb() as engine:
    ...     install_pseudonyms(engine, bytes(32))
    ...     found = engine.table("SELECT pseudonym('C7781') AS who").to_pylist()
    >>> found[0]["who"] == pseudonym("C7781", bytes(32))
    True
    """
    block = key.ljust(_BLOCK_BYTES, b"\0")
    for name, pad in (("bw_inner", 0x36), ("bw_outer", 0x5C)):
        padded = bytes(byte ^ pad for byte in block).hex()
        engine.execute(f"SET VARIABLE {name} = unhex('{padded}')")
    engine.execute(
        "CREATE OR REPLACE MACRO pseudonym(given) AS CASE"
        f" WHEN regexp_full_match(trim(given, '{BLANKS}'), '{FORM}') THEN trim(given, '{BLANKS}')"
        " WHEN given IS NOT NULL THEN 'p' || left(sha256(getvariable('bw_outer') ||"
        " unhex(sha256(getvariable('bw_inner') || "
        f"encode(trim(given, '{BLANKS}'))))), {_HEX_DIGITS}) END"
    )


def create_key(path: Path) -> bytes:
    """Make the key file of a workspace, readable by its owner only, and return the key.

    If another process made it first, that key is returned.

    Raises
    ------
    BranchwiseError
        [BW-PRV-001], [BW-PRV-002] if the file that is there already is unfit.
    """
    key = secrets.token_bytes(KEY_BYTES)
    made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        os.link(made, path)
    except FileExistsError:
        return read_key(path)
    finally:
        made.unlink(missing_ok=True)
    return key


def read_key(path: Path) -> bytes:
    """Read the key file of a workspace.

    Raises
    ------
    BranchwiseError
        [BW-PRV-001] if others than its owner may read or write the file, [BW-PRV-002] if
        it does not hold 32 bytes, [BW-PRV-003] if it is missing.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        key = path.read_bytes()
    except FileNotFoundError:
        raise failure("BW-PRV-003", Where(place=str(path)), path=path) from None
    if mode & 0o077:
        raise failure("BW-PRV-001", Where(place=str(path)), path=path, mode=f"{mode:04o}")
    if len(key) != KEY_BYTES:
        raise failure("BW-PRV-002", Where(place=str(path)), path=path, length=len(key))
    return key
