"""The files of a delivery: in a folder, a zip, a gzip, or alone.

Members of archives are unpacked into the scratch folder under names of our own, by stream, with
limits on size and on ratio that are counted on the bytes that really come out.
"""

from __future__ import annotations

import gzip
import re
import shutil
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Protocol

from branchwise.core.errors import Problem, Where, problem
from branchwise.sources.reading.encodings import CODECS
from branchwise.sources.reading.workshop import FoundFile, Workshop

UNPACKED_BYTES_LIMIT = 64 << 30
RATIO_LIMIT = 300
RATIO_FROM_BYTES = 64 << 20
BLOCK_BYTES = 1 << 20
DAMAGED = (zipfile.BadZipFile, EOFError, zlib.error, gzip.BadGzipFile, OSError, NotImplementedError)
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
_UNSAFE = re.compile(r"^([A-Za-z]:|[\\/])|(^|[\\/])\.\.([\\/]|$)|\0")


@dataclass(slots=True)
class Found:
    """What a delivery holds.

    Attributes
    ----------
    files : list of FoundFile
        The wanted files, in order of their names.
    others : list of str
        Names of the files that nobody asked for.
    refused : list of Problem
        Archives and members that could not be opened.
    """

    files: list[FoundFile] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _TooLargeError(Exception):
    """What comes out of an archive passes a limit."""


def find_files(path: Path, wanted: Callable[[str], bool], workshop: Workshop) -> Found:
    """Find the wanted files of a delivery and unpack those that are packed.

    Parameters
    ----------
    path : Path
        A folder, an archive or a file.
    wanted : callable
        Whether a file of this name (path inside the delivery, ``/`` between folders, without
        ``.gz``) is to be read.
    workshop : Workshop
        Where to unpack.
    """
    found = Found()
    for name, file in _walk(path):
        if file.is_symlink() and not file.resolve().is_relative_to(path.resolve()):
            _refuse(found, "BW-SRC-020", name)
        elif name.lower().endswith(".zip") and not wanted(name):
            folder = "" if file == path else f"{name}!"
            _unpack_zip(file, name, folder=folder, wanted=wanted, workshop=workshop, found=found)
        elif not wanted(_without_gz(name)):
            found.others.append(name)
        elif name.lower().endswith(".gz"):
            _unpack_gzip(file, name, workshop, found)
        else:
            found.files.append(FoundFile(name=name, path=file))
    return found


def glob_pattern(pattern: str) -> Callable[[str], bool]:
    """Return a test of names for a glob: ``**`` any folders, ``*`` and ``?`` inside a name.

    Letter case, and whether an accented letter is one code point or two, make no difference. An
    archive is a folder.

    Examples
    --------
    >>> glob_pattern("**/叫號/*.csv")("2026/叫號/0317.CSV")
    True
    >>> glob_pattern("*.csv")("a/b.csv")
    False
    """
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", _normal(pattern))
    signs = {"**/": r"(?:[^/]+/)*", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}
    compiled = re.compile("".join(signs.get(part, re.escape(part)) for part in parts))
    return lambda name: compiled.fullmatch(_normal(name.replace("!", "/"))) is not None


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _without_gz(name: str) -> str:
    return name[:-3] if name.lower().endswith(".gz") else name


def _walk(path: Path) -> Iterator[tuple[str, Path]]:
    if path.is_dir():
        inside = (file for file in path.rglob("*") if file.is_file())
        yield from sorted((file.relative_to(path).as_posix(), file) for file in inside)
    else:
        yield path.name, path


def _refuse(found: Found, code: str, name: str, **values: object) -> None:
    found.refused.append(problem(code, Where(place=name), file=name, **values))


def _unpack_gzip(file: Path, name: str, workshop: Workshop, found: Found) -> None:
    target = workshop.path(PurePosixPath(_without_gz(name)).suffix)
    try:
        with gzip.open(file, "rb") as packed:
            _copy(packed, target, file.stat().st_size)
    except _TooLargeError as error:
        _refuse(found, "BW-SRC-019", name, reason=error)
    except DAMAGED as error:
        _refuse(found, "BW-SRC-018", name, reason=error)
    else:
        found.files.append(FoundFile(name=name, path=target))


def _unpack_zip(
    file: Path,
    name: str,
    *,
    folder: str,
    wanted: Callable[[str], bool],
    workshop: Workshop,
    found: Found,
) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                if not member.is_dir():
                    _unpack_member(
                        archive, member, folder, wanted=wanted, workshop=workshop, found=found
                    )
    except DAMAGED as error:
        _refuse(found, "BW-SRC-018", name, reason=error)


def _unpack_member(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    folder: str,
    *,
    wanted: Callable[[str], bool],
    workshop: Workshop,
    found: Found,
) -> None:
    inner = _member_name(member)
    name = folder + inner
    if _UNSAFE.search(inner) or _UNSAFE.search(member.orig_filename):
        _refuse(found, "BW-SRC-020", name)
    elif inner.lower().endswith(".zip"):
        _refuse(found, "BW-SRC-021", name, reason="zip in zip")
    elif not wanted(_without_gz(name)):
        found.others.append(name)
    elif member.flag_bits & _ENCRYPTED:
        _refuse(found, "BW-SRC-021", name, reason="encrypted")
    else:
        target = workshop.path(PurePosixPath(inner).suffix)
        try:
            with archive.open(member) as packed:
                _copy(packed, target, member.compress_size)
        except _TooLargeError as error:
            _refuse(found, "BW-SRC-019", name, reason=error)
        except (*DAMAGED, RuntimeError) as error:
            _refuse(found, "BW-SRC-018", name, reason=error)
        else:
            _accept_member(FoundFile(name=name, path=target), workshop, found)


def _accept_member(file: FoundFile, workshop: Workshop, found: Found) -> None:
    if file.name.lower().endswith(".gz"):
        _unpack_gzip(file.path, file.name, workshop, found)
    else:
        found.files.append(file)


def _member_name(member: zipfile.ZipInfo) -> str:
    """Return the name of a member; zips made in Chinese Windows write it in GBK or Big5."""
    if member.flag_bits & _UTF8_NAME or member.filename.isascii():
        return member.filename
    written = member.filename.encode("cp437", errors="replace")
    for codec in ("utf-8", CODECS["gbk"], CODECS["big5"]):
        try:
            return written.decode(codec)
        except UnicodeDecodeError:
            continue
    return member.filename


def _copy(packed: _Readable, target: Path, packed_bytes: int) -> None:
    size = 0
    free = shutil.disk_usage(target.parent).free
    with target.open("wb") as written:
        while block := packed.read(BLOCK_BYTES):
            size += len(block)
            if size > RATIO_FROM_BYTES and size > RATIO_LIMIT * max(packed_bytes, 1):
                target.unlink()
                raise _TooLargeError(f"> {RATIO_LIMIT} : 1")
            if size > min(UNPACKED_BYTES_LIMIT, free):
                target.unlink()
                raise _TooLargeError(f"> {min(UNPACKED_BYTES_LIMIT, free) >> 20} MiB")
            written.write(block)
