"""Fixed-width files of a draft: their columns by a layout delivered with them, or by inference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from branchwise.sources.guess.matching import Columns, Keys
from branchwise.sources.guess.names import Names, likeness
from branchwise.sources.guess.samples import Sample
from branchwise.sources.reading.encodings import CODECS
from branchwise.sources.reading.fixed_widths import Span, find_spans

NAME = Names.of(
    chinese=("字段", "字段名", "栏位", "栏位名称", "欄位", "名称", "列名", "项目", "字段名称"),
    english=("name", "field", "field name", "column", "column name"),
)
WIDTH = Names.of(
    chinese=("长度", "位数", "宽度", "字节", "字节数", "字段长度"),
    english=("width", "length", "len", "bytes", "size"),
)
START = Names.of(
    chinese=("起", "起始", "起始位置", "开始位置", "位置", "起位"),
    english=("start", "position", "offset", "begin", "pos"),
)
ALIKE = 0.85
LINES = 400


def with_columns(
    groups: Sequence[Sequence[Sample]],
    samples: Sequence[Sample],
    keys: Keys,
    widths: Mapping[str, int],
) -> tuple[list[Columns], set[str]]:
    """Find the columns of fixed-width files.

    Parameters
    ----------
    groups : sequence of sequence of Sample
        Files whose lines have one length.
    samples : sequence of Sample
        All samples; a table of names and widths among them is taken as the layout.
    keys : Keys
        Keys that other files list; where they stand in the lines there is a column.
    widths : mapping of str to int
        How many digits the keys of a domain have.

    Returns
    -------
    list of Columns, set of str
        The columns, and the paths of the files that were layouts.
    """
    layouts = [(sample.path, spans) for sample in samples if (spans := layout_of(sample))]
    found, used = [], set()
    for group in groups:
        length = len(group[0].lines[0])
        fitting = [(path, spans) for path, spans in layouts if spans[-1].end == length]
        if fitting:
            path, spans = fitting[0]
            used.add(path)
        else:
            spans = _inferred(group, keys, widths)
        found.append(_columns(group, spans))
    return found, used


def layout_of(sample: Sample) -> tuple[Span, ...]:
    """Return the spans that a table of names and widths describes; none if it is no such table.

    Examples
    --------
    >>> rows = (("交易日", "8"), ("時間", "6"))
    >>> layout = Sample(path="", form="csv", headings=("欄位", "長度"), rows=rows)
    >>> [span.end for span in layout_of(layout)]
    [8, 14]
    """
    places = [
        max(
            range(len(sample.headings)),
            key=lambda at: likeness(sample.headings[at], names),
            default=0,
        )
        for names in (NAME, WIDTH, START)
    ]
    if not sample.headings:
        return ()
    named = zip(places[:2], (NAME, WIDTH), strict=True)
    if places[0] == places[1] or any(
        likeness(sample.headings[at], names) < ALIKE for at, names in named
    ):
        return ()
    has_start = likeness(sample.headings[places[2]], START) >= ALIKE
    spans: list[Span] = []
    for row in sample.rows:
        name, width = row[places[0]] or "", row[places[1]] or ""
        if not width.isdigit() or not int(width):
            return ()
        start = spans[-1].end if spans else 0
        if has_start and (row[places[2]] or "").isdigit():
            start = int(row[places[2]] or "1") - 1
        if spans and start < spans[-1].end:
            return ()
        spans.append(Span(start=start, width=int(width), name=name))
    return tuple(spans)


def _inferred(group: Sequence[Sample], keys: Keys, widths: Mapping[str, int]) -> tuple[Span, ...]:
    lines = [line for sample in group[:8] for line in sample.lines[:LINES]]
    known = [
        frozenset(key.zfill(widths[domain]) for key in keys[domain])
        for domain in ("staff", "branch")
        if domain in widths and domain in keys
    ]
    spans = find_spans(lines, known)
    return tuple(replace(span, name=f"col_{number}") for number, span in enumerate(spans, start=1))


def _columns(group: Sequence[Sample], spans: tuple[Span, ...]) -> Columns:
    headings = tuple(span.name for span in spans)
    cut = [replace(sample, headings=headings, rows=_rows(sample, spans)) for sample in group]
    return Columns(samples=tuple(cut), headings=headings, layout=spans)


def _rows(sample: Sample, spans: Sequence[Span]) -> tuple[tuple[str | None, ...], ...]:
    codec = CODECS.get(sample.encoding or "", sample.encoding or "utf-8")
    return tuple(
        tuple(
            line[span.start : span.end].decode(codec, errors="replace").strip(" \t\u3000") or None
            for span in spans
        )
        for line in sample.lines
    )
