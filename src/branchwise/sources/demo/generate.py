"""The synthetic bank as a whole: raw files, and the truth beside them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from branchwise.core.languages import Text
from branchwise.core.progress import Progress, silent
from branchwise.sources.demo.bank import life_of
from branchwise.sources.demo.files import RawFiles
from branchwise.sources.demo.network import branches
from branchwise.sources.demo.settings import DemoSettings
from branchwise.sources.demo.staff import rosters
from branchwise.sources.demo.truth import Truth

TITLE = Text(en="Making the demo bank", zh_hant="生成示範銀行", zh_hans="生成示范银行")


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """What was written.

    Attributes
    ----------
    raw, truth : Path
        The folders.
    count_branches, count_visits, count_transactions : int
        Size of the bank; visits include sessions at smart counters.
    """

    raw: Path
    truth: Path
    count_branches: int
    count_visits: int
    count_transactions: int


def generate(
    directory: Path, settings: DemoSettings, progress: Progress | None = None
) -> Generated:
    """Write a synthetic bank.

    Parameters
    ----------
    directory : Path
        Its folders ``raw`` and ``truth`` are made anew.
    settings : DemoSettings
        Size, seed, changes.
    progress : Progress, optional
        Where to tell how far it is.
    """
    raw, truth = directory / "raw", directory / "truth"
    for folder in (raw, truth):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    network = branches(settings)
    people = rosters(settings, network)
    files = RawFiles(settings, raw)
    known = Truth(settings, truth)
    visits = transactions = 0
    with (progress or silent()).task(TITLE, total=len(network)) as task:
        for branch in network:
            life = life_of(settings, branch, people[branch.branch_id])
            files.add(life)
            known.add(life)
            visits += len(life.lived.day)
            transactions += len(life.postings.day)
            task.advance()
    files.finish(network)
    known.finish(network, files.noted)
    return Generated(
        raw=raw,
        truth=truth,
        count_branches=len(network),
        count_visits=visits,
        count_transactions=transactions,
    )
