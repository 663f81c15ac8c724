"""From the files of a delivery to the draft of a mapping."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from branchwise.core.errors import Problem, Where, problem
from branchwise.core.ports import Engine
from branchwise.sources.guess.draft import Draft, DraftColumn, DraftFile, DraftTable
from branchwise.sources.guess.fixed import with_columns
from branchwise.sources.guess.kinds import TableTemplate
from branchwise.sources.guess.masks import shown_value
from branchwise.sources.guess.matching import (
    Columns,
    Keys,
    Recognised,
    bare,
    nearest_kind,
    recognise,
)
from branchwise.sources.guess.parents import parent_tables
from branchwise.sources.guess.patterns import pattern_of
from branchwise.sources.guess.profiles import PATTERNS
from branchwise.sources.guess.rendering import YEAR, Rendered, Renderer
from branchwise.sources.guess.samples import Sample, UnreadableError, read_samples
from branchwise.sources.headings import simplified
from branchwise.sources.reading.archives import find_files
from branchwise.sources.reading.workshop import Workshop
from branchwise.tables.spec import TableSpec, table_spec

SURE = 0.8
OMITTED_BELOW = 0.3
SKIPPED = (".toml", ".md", ".py", ".pdf", ".doc", ".docx")


def draft_mapping(
    path: Path, engine: Engine, scratch: Path, tell: Callable[[str], None] = lambda _: None
) -> Draft:
    """Look at every file at a path and draft a mapping; nothing is stored.

    Parameters
    ----------
    path : Path
        A folder, an archive or a file.
    engine : Engine
        Reads Parquet.
    scratch : Path
        For what is unpacked.
    tell : callable
        Is told the name of each file before it is read.
    """
    workshop = Workshop(engine=engine, scratch=scratch)
    found = find_files(path, lambda name: not name.lower().endswith((".zip", *SKIPPED)), workshop)
    notes: list[Problem] = list(found.refused)
    samples: list[Sample] = []
    for file in found.files:
        tell(file.name)
        try:
            samples += read_samples(file, workshop)
        except UnreadableError as error:
            notes.append(error.problem)
    return _drafted(samples, notes)


def _drafted(samples: Sequence[Sample], notes: list[Problem]) -> Draft:
    groups = _groups(samples)
    known = [_checked(group, notes) for group in groups if not group[0].lines]
    first = [recognise(columns, {}) for columns in known]
    keys, widths = key_domains([one for one in first if one is not None])
    fixed, layouts = with_columns(
        [group for group in groups if group[0].lines], samples, keys, widths
    )
    rest = [columns for columns in known if columns.samples[0].path not in layouts]
    found: list[Recognised] = []
    for columns in [*rest, *fixed]:
        one = recognise(columns, keys)
        if one is None:
            notes += [_unlike(columns, sample) for sample in columns.samples]
        else:
            found.append(one)
    return _written(found, keys, widths, samples, notes)


def _groups(samples: Sequence[Sample]) -> list[list[Sample]]:
    """Put together the samples that one ``[[file]]`` can read."""
    sheets = Counter(sample.path for sample in samples)
    groups: dict[tuple[object, ...], list[Sample]] = defaultdict(list)
    for sample in samples:
        several = sheets[sample.path] > 1
        form = tuple(simplified(heading) for heading in sample.headings)
        length = len(sample.lines[0]) if sample.lines else 0
        lone = sample.path if sample.header == 0 and not sample.lines else ""
        groups[sample.form, sample.sheet if several else "", form, length, lone].append(
            sample if several else replace(sample, sheet=None)
        )
    return list(groups.values())


def _checked(samples: Sequence[Sample], notes: list[Problem]) -> Columns:
    """Return the columns of samples; headings that stand twice name none and are left out."""
    headings = samples[0].headings
    twice = {name for name in headings if name and headings.count(name) > 1}
    for name in sorted(twice):
        file = samples[0].path
        notes.append(problem("BW-SRC-105", Where(place=file), file=file, name=name))
    usable = tuple("" if name in twice else name for name in headings)
    return Columns(samples=tuple(samples), headings=usable)


def _unlike(columns: Columns, sample: Sample) -> Problem:
    kind, score = nearest_kind(columns)
    return problem(
        "BW-SRC-102",
        Where(place=sample.path),
        file=sample.path,
        nearest=kind.title,
        share=f"{score:.0%}",
    )


def key_domains(found: Iterable[Recognised]) -> tuple[dict[str, frozenset[str]], dict[str, int]]:
    """Return the keys that files list, by domain and without leading zeros, and their widths.

    A file that lists a domain whole (branches, staff) counts before those that only name its keys.
    """
    listed: dict[str, Counter[str]] = defaultdict(Counter)
    named: dict[str, Counter[str]] = defaultdict(Counter)
    for one in found:
        for match in one.matches:
            role = match.role
            if not role.key or match.confidence < SURE:
                continue
            is_list = one.kind.domain == role.key
            target = listed if is_list else named
            target[role.key].update(one.columns.profiles[match.place].counts.keys())
    keys, widths = {}, {}
    for domain in {*listed, *named}:
        values = listed.get(domain) or named[domain]
        keys[domain] = frozenset(map(bare, values))
        lengths = Counter(map(len, values))
        longest = max(lengths)
        if all(value.isdigit() for value in values) and lengths[longest] > len(values) / 2:
            widths[domain] = longest
    return keys, widths


def _written(
    found: Sequence[Recognised],
    keys: Keys,
    widths: dict[str, int],
    samples: Sequence[Sample],
    notes: list[Problem],
) -> Draft:
    zone = "Asia/Taipei" if _is_taiwan(found) else "Asia/Shanghai"
    codes: dict[str, dict[str, str]] = {}
    names: Counter[str] = Counter()
    files: list[DraftFile] = []
    tables: list[DraftTable] = []
    everything = [sample.path for sample in samples]
    for one in found:
        renderer = Renderer(
            found=one, keys=keys, widths=widths, zone=zone, year=_year(one, samples), codes=codes
        )
        names[one.kind.file] += 1
        number = names[one.kind.file]
        name = one.kind.file + (f"_{number}" if number > 1 else "")
        made = [_table(renderer, template, name, notes) for template in one.kind.tables]
        tables += [table for table in made if table is not None]
        files.append(_file(one, name, tables, everything))
    for table, listed in _by_table(tables).items():
        if len(listed) > 1 and table not in ("visit", "visit_step"):
            notes.append(
                problem("BW-SRC-106", Where(place=table), table=table, count=len(listed),
                        files=", ".join(listed))
            )  # fmt: skip
    tables = [*parent_tables(found, files, tables, keys, widths), *tables]
    return Draft(
        timezone=zone, files=tuple(files), tables=tuple(tables), codes=codes, notes=tuple(notes)
    )


def _by_table(tables: Sequence[DraftTable]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for table in tables:
        found[table.into].append(table.source)
    return found


def _is_taiwan(found: Sequence[Recognised]) -> bool:
    dated = [
        profile.shares["roc"] > SURE
        for one in found
        for match in one.matches
        if match.role.type in ("day", "moment")
        for profile in (one.columns.profiles[match.place],)
        if not profile.is_empty and profile.shares["date"] + profile.shares["instant"] > SURE
    ]
    return sum(dated) * 2 > len(dated)


def _year(one: Recognised, samples: Sequence[Sample]) -> str:
    own = " ".join(f"{sample.path} {sample.title}" for sample in one.columns.samples)
    everything = " ".join(sample.path for sample in samples)
    for text in (own, everything):
        years = Counter(YEAR.findall(text))
        if years:
            return str(years.most_common(1)[0][0])
    values = Counter(
        value[:4]
        for sample in samples
        for row in sample.rows[:20]
        for value in row
        if value and PATTERNS["instant"].fullmatch(value) and value[:2] == "20"
    )
    return values.most_common(1)[0][0] if values else f"{datetime.now(tz=UTC).year}"


def _table(
    renderer: Renderer, template: TableTemplate, source: str, notes: list[Problem]
) -> DraftTable | None:
    spec = table_spec(template.into)
    found = renderer.found
    columns: list[DraftColumn] = []
    missing: list[str] = []
    roles = (role for role in found.kind.roles if role.is_needed and role.column)
    essential = {role.column.name for role in roles if role.column}
    for name, ways in template.columns.items():
        written = renderer.first(ways)
        is_required = _must_be_given(spec, name) or name in essential
        if written is None:
            missing += [name] if _must_be_given(spec, name) else []
        elif written.confidence >= OMITTED_BELOW or is_required:
            columns.append(_column(found, spec, name, written, is_required=is_required))
    if missing:
        file = found.columns.samples[0].path
        listed = ", ".join(missing)
        notes.append(
            problem("BW-SRC-108", Where(place=file), file=file, table=spec.name, columns=listed)
        )
        return None
    return DraftTable(into=template.into, source=source, columns=tuple(columns))


def _must_be_given(spec: TableSpec, name: str) -> bool:
    column = spec.columns[name]
    return column.required and column.fill is None and column.fill_from is None


def _column(
    found: Recognised, spec: TableSpec, name: str, written: Rendered, *, is_required: bool
) -> DraftColumn:
    places = list(dict.fromkeys(written.places))
    is_personal = spec.columns[name].privacy != "none"
    personal = {match.place for match in found.matches if match.role.holds_personal}
    return DraftColumn(
        name=name,
        expression=written.text,
        headings=tuple(found.columns.headings[place] for place in places),
        confidence=round(written.confidence, 2),
        remarks=tuple(written.remarks),
        is_required=is_required,
        sample=" ".join(
            shown_value(found.columns.profiles[place], is_personal=is_personal or place in personal)
            for place in places
        ),
    )


def _file(
    one: Recognised, name: str, tables: Sequence[DraftTable], everything: Sequence[str]
) -> DraftFile:
    sample = one.columns.samples[0]
    paths = [each.path for each in one.columns.samples]
    used = {
        heading
        for table in tables
        if table.source == name
        for column in table.columns
        for heading in column.headings
    }
    roles = {match.place: match.role.name for match in one.matches}
    left = tuple(
        (heading, roles.get(place, ""))
        for place, heading in enumerate(one.columns.headings)
        if heading and heading not in used
    )
    others = [path for path in everything if path not in paths and not _alike(path, paths)]
    return DraftFile(
        name=name,
        pattern=pattern_of(paths, others),
        format=sample.form,
        title=one.kind.title,
        options=_options(one, sample),
        paths=tuple(paths),
        confidence=round(one.confidence, 2),
        left=left,
    )


def _alike(path: str, paths: Sequence[str]) -> bool:
    """Whether a path differs from one of the group's only in digits: then it is of the group."""
    form = re.sub(r"\d+", "0", path)
    return any(re.sub(r"\d+", "0", other) == form for other in paths)


def _options(one: Recognised, sample: Sample) -> dict[str, object]:
    options: dict[str, object] = {}
    encodings = {each.encoding for each in one.columns.samples}
    if sample.encoding not in (None, "utf-8") and len(encodings) == 1:
        options["encoding"] = sample.encoding  # ASCII may be the first day of any encoding
    if sample.sheet:
        options["sheet"] = sample.sheet
    if sample.header != 1 or sample.form == "fixed":
        options["header"] = sample.header
    if sample.form == "fixed":
        options["columns"] = [
            {"name": span.name, "start": span.start + 1, "width": span.width}
            for span in one.columns.layout
        ]
    elif sample.header == 0:
        options["columns"] = list(one.columns.headings)
    if sample.delimiter in (";", "|") or (sample.delimiter == "\t" and sample.form == "csv"):
        options["delimiter"] = sample.delimiter
    options["system"] = one.kind.system
    options |= {"purpose": one.kind.purpose} if one.kind.purpose else {}
    options |= {"privacy_class": one.kind.privacy_class} if one.kind.privacy_class else {}
    return options
