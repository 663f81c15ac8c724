# ruff: noqa: E501 - a list of names
"""How much of a mapping the guess gets right, on exports whose meaning is known.

Run `python benchmarks/quality/guess.py [--seed 1] [--demo FOLDER]`.

Two measures: eight vendors' exports of seven systems each (`vendors.py`), and the raw files of the
synthetic bank against its own mapping. A needed pair is a column of a file and a canonical column
that must read it. It is *right* where the draft's expression for that column reads it; *left*
where the draft fills the column from nothing, or leaves the line as a remark; else *wrong*. *Wrong
with high confidence* is a line of the draft that reads a column it must not, at 80 % or more.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter, defaultdict
from dataclasses import replace
from functools import partial
from importlib.resources import files
from pathlib import Path

from vendors import VENDORS, Vendor, write_vendor

from branchwise.engines.duckdb import open_duckdb
from branchwise.engines.scratch import scratch_folder
from branchwise.pipeline.demo import demo
from branchwise.sources.guess import matching
from branchwise.sources.guess.draft import Draft
from branchwise.sources.guess.drafting import draft_mapping
from branchwise.sources.guess.kinds import Kind, kinds
from branchwise.sources.guess.names import Names, likeness
from branchwise.sources.guess.writing import LIKELY, SURE
from branchwise.sources.mapping import read_mapping
from branchwise.sources.reading.archives import glob_pattern

Truth = dict[str, dict[str, set[str]]]  # path -> heading -> canonical columns
OUTCOMES = ("right", "wrong", "left")


def drafted(folder: Path) -> Draft:
    with scratch_folder() as scratch, open_duckdb(scratch) as engine:
        return draft_mapping(folder, engine, scratch)


def filled_by(draft: Draft, path: str) -> dict[str, tuple[set[str], float]]:
    """Return what the draft reads of a file: canonical column to headings and confidence."""
    file = next((file for file in draft.files if path in file.paths), None)
    return {
        f"{table.into}.{column.name}": (set(column.headings), column.confidence)
        for table in draft.tables
        if file is not None and table.source == file.name and not table.is_distinct
        for column in table.columns
        if column.headings and (column.confidence >= LIKELY or column.is_required)
    }


def scored(draft: Draft, truth: Truth) -> tuple[Counter[str], list[str]]:
    """Count right, wrong and left pairs, and lines that are wrong with high confidence."""
    counts: Counter[str] = Counter()
    told: list[str] = []
    first = {id(headings): (path, headings) for path, headings in reversed(truth.items())}
    for path, headings in first.values():
        filled = filled_by(draft, path)
        meant = defaultdict(set)
        for heading, columns in headings.items():
            for column in columns:
                meant[column].add(heading)
        for column, wanted in meant.items():
            read, confidence = filled.get(column, (set(), 0.0))
            is_sure = bool(read) and not read & wanted and confidence >= SURE
            counts += Counter({"lines": int(bool(read)), "surely wrong": int(is_sure)})
            for heading in wanted:
                outcome = "right" if heading in read else "wrong" if read else "left"
                counts[outcome] += 1
                if outcome != "right":
                    told.append(f"{path}: {heading} -> {column} {outcome} {confidence:.0%} {read}")
    return counts, told


def demo_truth(raw: Path) -> Truth:
    """Return what the mapping of the synthetic bank reads of each of its files."""
    mapping = read_mapping(Path(str(files("branchwise.sources.demo").joinpath("mapping.toml"))))
    found: Truth = {}
    for rule in mapping.files:
        if rule.format == "fixed":
            continue  # its columns have no names: see the figures of inference
        test = glob_pattern(rule.pattern)
        path = next(
            (name for file in sorted(raw.rglob("*")) if file.is_file()
             and test(name := file.relative_to(raw).as_posix())), None,
        )  # fmt: skip
        meant: dict[str, set[str]] = defaultdict(set)
        for table in mapping.tables:
            if table.source != rule.name:
                continue
            for column, expression in table.columns.items():
                for heading in expression.columns:
                    meant[heading].add(f"{table.into}.{column}")
        if path and rule.sheet is None:
            found[path] = _only_roots(meant)
    return found


def _only_roots(meant: dict[str, set[str]]) -> dict[str, set[str]]:
    """Leave out pairs that the bank's own rules make, such as a business line told by a queue."""
    tables = ("visit.business_line visit.priority visit.age_band visit.unserved_cause "
              "visit.visit_id visit_step.visit_id visit_step.visit_step_id shift.shift_id")  # fmt: skip
    made = set(tables.split())
    return {heading: columns - made for heading, columns in meant.items()}


def unseen(vendor: Vendor) -> tuple[Kind, ...]:
    """Return the kinds without every name that is, letter for letter, a heading of a vendor.

    What is found then is found by likeness, values and keys, as with words that nobody foresaw.
    """
    headings = [heading for names in vendor.headings.values() for heading in names.values()]

    def kept(names: Names) -> Names:
        def is_new(one: Names) -> bool:
            return all(likeness(heading, one) < 0.97 for heading in headings)

        return Names(
            tuple(name for name in names.chinese if is_new(Names((name,), ()))),
            tuple(name for name in names.english if is_new(Names((), (name,)))),
        )

    return tuple(
        replace(kind, roles=tuple(replace(role, names=kept(role.names)) for role in kind.roles))
        for kind in kinds()
    )


def report(name: str, counts: Counter[str]) -> None:
    pairs = sum(counts[outcome] for outcome in OUTCOMES)
    shares = [f"{counts[outcome] / pairs:>7.1%}" for outcome in OUTCOMES]
    sure = counts["surely wrong"] / max(counts["lines"], 1)
    print(f"{name:<14} {pairs:>6} {' '.join(shares)} {sure:>12.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--demo", type=Path, help="folder raw of a synthetic bank")
    parser.add_argument("--verbose", action="store_true")
    chosen = parser.parse_args()
    total: Counter[str] = Counter()
    told: list[str] = []
    truths: dict[str, Truth] = {}
    print(
        f"{'exports':<14} {'pairs':>6} {'right':>7} {'wrong':>7} {'left':>7} {'surely wrong':>12}"
    )
    with tempfile.TemporaryDirectory() as scratch:
        for vendor in VENDORS:
            folder = Path(scratch) / vendor.name
            exports = write_vendor(vendor, folder, seed=chosen.seed)
            by_system: dict[str, dict[str, set[str]]] = {}
            truth = truths[vendor.name] = {}
            for export in exports:
                named = {heading: set(columns) for heading, columns in export.truth.items()}
                truth[export.path] = by_system.setdefault(export.system, named)
            counts, more = scored(drafted(folder), truth)
            total += counts
            told += [f"{vendor.name} {line}" for line in more]
            report(vendor.name, counts)
        report("all vendors", total)
        total = Counter()
        for vendor in VENDORS:
            folder = Path(scratch) / vendor.name
            without = unseen(vendor)
            matching.kinds = partial(tuple, without)
            counts, more = scored(drafted(folder), truths[vendor.name])
            total += counts
            told += [f"unseen {vendor.name} {line}" for line in more]
        matching.kinds = kinds
        report("names unseen", total)
        raw = chosen.demo
        if raw is None:
            demo(Path(scratch) / "demo", branches=4, days=14, seed=chosen.seed)
            raw = Path(scratch) / "demo" / "raw"
        counts, more = scored(drafted(raw), demo_truth(raw))
        report("synthetic bank", counts)
        told += more
    if chosen.verbose:
        print("\n".join(told))


if __name__ == "__main__":
    main()
