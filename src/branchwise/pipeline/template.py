"""``template``: blank workbooks to fill in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from branchwise.core.errors import Problems, Where
from branchwise.core.languages import Language, Text
from branchwise.core.progress import Progress, silent
from branchwise.core.tabulation import Tabulation
from branchwise.tables.spec import table_names, table_spec
from branchwise.tables.templates import write_template

WRITTEN = Text(en="Blank workbooks", zh_hant="空白填報表", zh_hans="空白填报表")
WRITING = Text(en="Writing workbooks", zh_hant="產生填報表", zh_hans="生成填报表")
HEADINGS = (
    Text(en="Table", zh_hant="表", zh_hans="表"),
    Text(en="Columns", zh_hant="欄數", zh_hans="列数"),
    Text(en="File", zh_hant="檔案", zh_hans="文件"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One workbook.

    Attributes
    ----------
    table : str
        The canonical table.
    label : Text
        What people call it.
    count_columns : int
        Columns to fill in.
    path : Path
        The file.
    """

    table: str
    label: Text
    count_columns: int
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateReport:
    """The workbooks that were written.

    Attributes
    ----------
    written : tuple of Written
        In the order asked for.
    """

    written: tuple[Written, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the ``result`` of the JSON document."""
        return {
            "files": [
                {"table": one.table, "count_columns": one.count_columns, "path": str(one.path)}
                for one in self.written
            ]
        }

    def as_tables(self, language: Language) -> Sequence[Tabulation]:
        """Return the table for people."""
        rows = tuple(
            (f"{one.label.read_in(language)} ({one.table})", one.count_columns, str(one.path))
            for one in self.written
        )
        return (
            Tabulation(
                title=WRITTEN.read_in(language),
                columns=tuple(heading.read_in(language) for heading in HEADINGS),
                rows=rows,
            ),
        )


def template(
    files: Sequence[Path], *, language: Language = "en", progress: Progress | None = None
) -> TemplateReport:
    """Write the blank workbook of each table; the file's name is the table's.

    Parameters
    ----------
    files : sequence of Path
        Such as ``branch.xlsx`` or ``blank/visit.xlsx``.
    language : {"en", "zh-Hant", "zh-Hans"}
        Decides between traditional and simplified Chinese.
    progress : Progress, optional
        Where to tell how far it is.

    Raises
    ------
    BranchwiseError
        All at once and before anything is written: [BW-TAB-001] for a name that is no table,
        [BW-TAB-020] for a file that is no .xlsx; [BW-TAB-021] and [BW-TAB-022] as
        `tables.templates.write_template`.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> template([folder / "region.xlsx"]).written[0].table
    'region'
    """
    _refuse_wrong_names(files)
    written = []
    with (progress or silent()).task(WRITING, total=len(files)) as task:
        for path in files:
            spec = table_spec(path.stem)
            count = write_template(spec, path, language)
            written.append(
                Written(table=spec.name, label=spec.label, count_columns=count, path=path)
            )
            task.advance()
    return TemplateReport(written=tuple(written))


def _refuse_wrong_names(files: Sequence[Path]) -> None:
    problems = Problems()
    for path in files:
        place = Where(place=str(path))
        if path.suffix.lower() != ".xlsx":
            problems.add("BW-TAB-020", place, path=path)
        elif path.stem not in table_names():
            problems.add("BW-TAB-001", place, name=path.stem, known=", ".join(table_names()))
        elif path.exists():
            problems.add("BW-TAB-021", place, path=path)
    problems.raise_if_any()
