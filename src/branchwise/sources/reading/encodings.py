"""Encodings of text files: found out, checked to the last byte, transcoded by stream.

Of files without a byte order mark, strict UTF-8 is tried first. What is left is GB18030 or Big5;
between them decides the share of characters that are common ones, that is level 1 of GB 2312 or
of Big5. Text read in the wrong one of the two is half rare characters. A few characters may be
common ones in both (價 in Big5 is, byte for byte, 基 in GB18030); then decides how often a bank
uses them, counted in this package's own Chinese texts.
"""

from __future__ import annotations

import codecs
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

BLOCK_BYTES = 1 << 20
SAMPLE_BYTES = 1 << 18
PLAUSIBLE = 0.85  # share of common characters above which an encoding is right
BELIEVED = 0.65  # and above which the best one is tried
STRANGE = 0.2  # and below which a text is surely not Chinese
WIDE_SHARE = 0.1
GUESSES = ("utf-8", "gb18030", "big5")
CODECS = {"utf-8": "utf-8-sig", "gbk": "gb18030", "big5": "cp950"}
KEEP = "branchwise.keep"
ASCII = re.compile("[\0-\x7f]+")
UNDECODABLE = re.compile("[\udc00-\udcff]+")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def _keep(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) for byte in bad), error.end


codecs.register_error(KEEP, _keep)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """How a file is encoded.

    Attributes
    ----------
    name : str
        One of the encodings that a mapping may declare.
    codec : str
        The Python codec that decodes it.
    is_sound : bool
        Every byte can be decoded.
    has_nul : bool
        There are NUL characters in it.
    is_guessed : bool
        Neither declared nor certain by a mark or strict UTF-8.
    better : str
        Where the declared encoding is implausible: the one that is not.
    """

    name: str
    codec: str
    is_sound: bool
    has_nul: bool
    is_guessed: bool
    better: str = ""


def find_encoding(path: Path, declared: str | None) -> Encoded | None:
    """Find out how a file is encoded; None if it is no text in any encoding known here.

    Parameters
    ----------
    path : Path
        The file.
    declared : str or None
        The encoding that the mapping states; it is checked, not obeyed.
    """
    with path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    wide = _wide(head) if marked is None and declared in (None, "utf-16") else None
    if wide:
        sound, nul = _strict(path, wide)
        return Encoded(
            name="utf-16", codec=wide, is_sound=sound, has_nul=nul, is_guessed=declared is None
        )
    if declared in (None, "utf-8", "utf-8-sig") and marked in (None, "utf-8"):
        checked = _checked(path, "utf-8", guessed=False)
        other = "" if declared or marked else _strictly_other(head)
        if other:
            return _checked(path, other, guessed=True)
        if checked.is_sound:
            return checked
    if declared is None and marked:
        return _checked(path, marked, guessed=False)
    sample = _sample(path)
    name = {"gbk": "gb18030", "utf-8-sig": "utf-8"}.get(declared or "", declared or "")
    better = marked if marked and marked != name else ""
    if name not in GUESSES or _plausibility(sample, name) < PLAUSIBLE:
        scores = {guess: _plausibility(sample, guess) for guess in GUESSES}
        best = _best(sample, scores)
        if declared is None:
            return _checked(path, best, guessed=True) if scores[best] >= BELIEVED else None
        if name in scores and scores[best] >= PLAUSIBLE:
            better = better or best
    checked = _checked(path, name, guessed=False)
    return Encoded(
        name=checked.name, codec=checked.codec, is_sound=checked.is_sound,
        has_nul=checked.has_nul, is_guessed=False, better=better,
    )  # fmt: skip


def text_lines(path: Path, count: int) -> list[bytes]:
    """Return the first lines of a file as bytes, without ends of line and byte order mark."""
    lines = []
    with path.open("rb") as source:
        for line, _ in zip(source, range(count), strict=False):
            lines.append(line.removeprefix(codecs.BOM_UTF8).rstrip(b"\r\n\x1a"))
    return [line for line in lines if line]


def transcode(path: Path, codec: str, target: Path) -> None:
    """Write a sound file again in UTF-8, block by block."""
    decoder = codecs.getincrementaldecoder(codec)()
    with path.open("rb") as source, target.open("wb") as written:
        for block in _blocks(source):
            written.write(decoder.decode(block).encode())
        written.write(decoder.decode(b"", final=True).encode())


def _strictly_other(head: bytes) -> str:
    """Return GB18030 or Big5 where UTF-8 decodes the bytes but gives no Chinese at all.

    Pairs of bytes such as D2 B5 (业 in GB18030) are a letter of two bytes in UTF-8 too.
    """
    if head.isascii():
        return ""
    scores = {name: _plausibility(head, name) for name in GUESSES}
    best = _best(head, scores)
    return best if scores["utf-8"] < STRANGE and scores[best] >= PLAUSIBLE else ""


def _wide(head: bytes) -> str | None:
    """Return the codec of UTF-16 without a mark: every other byte of its ASCII is zero."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < len(head) * WIDE_SHARE:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _checked(path: Path, name: str, *, guessed: bool) -> Encoded:
    first = CODECS.get(name, name)
    sound, nul = _strict(path, first)
    codec = first
    if not sound and name == "big5" and _strict(path, "big5hkscs")[0]:
        codec, sound = "big5hkscs", True
    return Encoded(name=name, codec=codec, is_sound=sound, has_nul=nul, is_guessed=guessed)


def _strict(path: Path, codec: str) -> tuple[bool, bool]:
    decoder = codecs.getincrementaldecoder(codec)()
    nul = False
    try:
        with path.open("rb") as file:
            for block in _blocks(file):
                text = decoder.decode(block)
                nul = nul or (b"\0" in block and "\0" in text)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False, nul
    return True, nul


def _blocks(file: object) -> Iterator[bytes]:
    read = file.read  # type: ignore[attr-defined]
    while block := read(BLOCK_BYTES):
        yield block


def _sample(path: Path) -> bytes:
    """Return lines with bytes beyond ASCII, from the whole file, up to a limit."""
    lines: list[bytes] = []
    size = 0
    with path.open("rb") as file:
        for block in _blocks(file):
            for line in (block + file.readline()).splitlines(keepends=True):
                if line.isascii():
                    continue
                lines.append(line[:SAMPLE_BYTES])
                size += len(lines[-1])
                if size >= SAMPLE_BYTES:
                    return b"".join(lines)
    return b"".join(lines)


def _plausibility(sample: bytes, name: str) -> float:
    text = sample.decode(CODECS.get(name, name), errors=KEEP)
    beyond = Counter(ASCII.sub("", text))
    common = sum(count for character, count in beyond.items() if character in _common())
    return common / beyond.total() if beyond else 1.0


def _best(sample: bytes, scores: Mapping[str, float]) -> str:
    """Return the most plausible encoding; of several that are, the one that a bank writes."""
    plausible = [name for name in scores if scores[name] >= PLAUSIBLE]
    if len(plausible) > 1:
        return max(plausible, key=lambda name: _familiarity(sample, name))
    return max(scores, key=lambda name: scores[name])


def _familiarity(sample: bytes, name: str) -> tuple[int, float]:
    """Return how many Chinese characters of a sample a bank uses, and how often it does."""
    known = _bank_characters()
    beyond = ASCII.sub("", sample.decode(CODECS.get(name, name), errors=KEEP))
    used = [known[character] for character in beyond if character in known]
    return len(used), sum(math.log(count) for count in used)


@cache
def _bank_characters() -> Counter[str]:
    """Count the characters of this package's own labels and messages in both scripts."""
    package = files("branchwise")
    texts = [*package.joinpath("locale").iterdir(), *package.joinpath("tables/spec").iterdir()]
    return Counter(
        ASCII.sub("", "".join(text.read_text(encoding="utf-8") for text in texts if text.is_file()))
    )


@cache
def _common() -> frozenset[str]:
    """Return level 1 of GB 2312 and of Big5, their punctuation, and full-width forms."""
    gb = _characters("gb2312", (0xB0, 0xD7), [range(0xA1, 0xFF)])
    big5 = _characters("big5", (0xA4, 0xC6), [range(0x40, 0x7F), range(0xA1, 0xFF)])
    marks = {chr(code) for code in (*range(0x3000, 0x3020), *range(0xFF01, 0xFF5F))}
    return frozenset(gb | big5 | marks | set("‘’“”…—·℃％￥€\ufeff"))


def _characters(codec: str, leads: tuple[int, int], trails: list[range]) -> set[str]:
    found = set()
    for lead in range(leads[0], leads[1] + 1):
        for trail in (trail for part in trails for trail in part):
            found.add(bytes((lead, trail)).decode(codec, errors="ignore"))
    return found - {""}
