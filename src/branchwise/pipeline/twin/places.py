"""Where a workspace keeps its twins, and how they are read and written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from branchwise.core.errors import Where, failure
from branchwise.core.ports import Engine
from branchwise.core.progress import Progress
from branchwise.twin.change import changed
from branchwise.twin.files import load_scenario
from branchwise.twin.scenario import Scenario
from branchwise.warehouse.files import write_whole
from branchwise.warehouse.lock import WAIT_SECONDS, writer_lock
from branchwise.warehouse.workspace import Workspace

if TYPE_CHECKING:
    from branchwise.twin.calibrate.model import Estimates

BASE = "scenario"
ESTIMATES = "estimates.json"
KNOWN_SHOWN = 12
BRANCHES = """
SELECT branch_id FROM branch WHERE institution_id = 'own' ORDER BY branch_id
"""
VISITED = """
SELECT DISTINCT branch_id FROM visit SEMI JOIN branch USING (branch_id)
WHERE branch_id IN (SELECT branch_id FROM branch WHERE institution_id = 'own')
UNION SELECT DISTINCT branch_id FROM transaction
WHERE branch_id IN (SELECT branch_id FROM branch WHERE institution_id = 'own')
ORDER BY branch_id
"""


@dataclass(frozen=True, slots=True)
class Twins:
    """The folder ``twin`` of a workspace.

    Attributes
    ----------
    root : Path
        The folder; it need not exist yet.
    """

    root: Path

    @classmethod
    def of(cls, workspace: Path) -> Twins:
        """Return the twins of a workspace; raises as `Workspace.open`."""
        return cls(Workspace.open(workspace).root / "twin")

    def folder(self, branch_id: str) -> Path:
        """Return the folder of a branch, whatever characters its code has.

        Examples
        --------
        >>> Twins(Path("twin")).folder("a/b").name, Twins(Path("twin")).folder("..").name
        ('a%2Fb', '%2E%2E')
        """
        name = quote(branch_id, safe=" ")
        return self.root / (name.replace(".", "%2E") if not name.strip(".") else name)

    def branches(self) -> tuple[str, ...]:
        """Return the codes of the branches that have been calibrated."""
        found = self.root.glob(f"*/{BASE}.toml")
        return tuple(sorted(unquote(path.parent.name) for path in found))

    def names(self, branch_id: str) -> tuple[str, ...]:
        """Return the names of the scenarios of a branch."""
        known = (BASE, *(f"weekday_{day}" for day in range(1, 8)))
        return tuple(name for name in known if self.path(branch_id, name).is_file())

    def path(self, branch_id: str, name: str) -> Path:
        """Return the file of a branch by its name."""
        return self.folder(branch_id) / f"{name}.toml"

    def scenario(self, branch_id: str, name: str = BASE) -> Scenario:
        """Read a stored scenario; raises [BW-TWN-038] and as `files.read_scenario`."""
        if name not in self.names(branch_id):
            known = ", ".join(self.names(branch_id)) or "–"
            values = {"name": branch_id, "scenario": name, "known": known}
            raise failure("BW-TWN-038", Where(place=str(self.folder(branch_id))), **values)
        return load_scenario(self.path(branch_id, name))

    def estimates_path(self, branch_id: str) -> Path:
        """Return the file of the estimates that a branch's scenarios were put together from."""
        return self.folder(branch_id) / ESTIMATES

    def estimates(self, branch_id: str) -> Estimates:
        """Read the estimates of a calibrated branch, to draw parameters from.

        Raises
        ------
        BranchwiseError
            [BW-TWN-038] if the branch was never calibrated, [BW-TWN-047] if that was done by a
            version that did not store them; as `stored.load_estimates`.
        """
        from branchwise.twin.calibrate.stored import load_estimates

        path = self.estimates_path(branch_id)
        if path.is_file():
            return load_estimates(path)
        calibrated(self, [branch_id])
        raise failure("BW-TWN-047", Where(place=str(self.folder(branch_id))), name=branch_id)

    def write(self, path: Path, text: str) -> Path:
        """Write a file whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
        return path

    @contextmanager
    def writing(self, progress: Progress) -> Iterator[None]:
        """Hold the only right to write twins; a second command waits for the first.

        Raises
        ------
        BranchwiseError
            [BW-WHS-006] if the other goes on for too long.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (
            (self.root / "lock").open("a+", encoding="utf-8") as lock,
            writer_lock(lock, wait_seconds=WAIT_SECONDS, tell=progress.note),
        ):
            yield


def chosen_scenario(
    twins: Twins | None, branch_id: str | None, scenario: str, changes: Sequence[str]
) -> Scenario:
    """Return a scenario by its file or by its stored name, with changes.

    A name that looks like a path (a suffix, a separator) is a file.

    Raises
    ------
    BranchwiseError
        [BW-TWN-045] without a branch where one is needed; as `Twins.scenario` and
        `change.changed`.
    """
    path = Path(scenario)
    if path.suffix or len(path.parts) > 1:
        found = load_scenario(path)
        found = found if branch_id is None else replace(found, branch_id=branch_id)
    elif twins is None or branch_id is None:
        known = twins.branches() if twins else ()
        shown = ", ".join(known[:KNOWN_SHOWN]) or "–"
        raise failure("BW-TWN-045", Where(place="--branch"), count=len(known), known=shown)
    else:
        found = twins.scenario(branch_id, scenario)
    return changed(found, changes) if changes else found


def branches_of(engine: Engine, asked: Sequence[str]) -> tuple[str, ...]:
    """Return the branches asked for, or all of the bank's own with visits.

    Raises
    ------
    BranchwiseError
        [BW-TWN-036] for a code that is no branch, [BW-TWN-037] where no branch has visits.
    """
    own = [row["branch_id"] for row in engine.table(BRANCHES).to_pylist()]
    for name in asked:
        if name not in own:
            known = ", ".join(own[:KNOWN_SHOWN]) + (" …" if len(own) > KNOWN_SHOWN else "")
            raise failure("BW-TWN-036", Where(place="branch"), name=name, known=known or "–")
    found = asked or [row["branch_id"] for row in engine.table(VISITED).to_pylist()]
    if not found:
        raise failure("BW-TWN-037", Where(place="visit"))
    return tuple(dict.fromkeys(found))


def calibrated(twins: Twins, asked: Sequence[str]) -> tuple[str, ...]:
    """Return the branches asked for, or all that have been calibrated; raises [BW-TWN-038]."""
    known = twins.branches()
    missing = [name for name in asked if name not in known] or ([] if known else ["–"])
    if missing:
        values = {"name": missing[0], "scenario": BASE, "known": "–"}
        where = Where(place=str(twins.root), count=len(missing), keys=tuple(missing))
        raise failure("BW-TWN-038", where, **values)
    return tuple(dict.fromkeys(asked)) or known
