"""Reports of one tool that divide the same days otherwise: of one account, or of several, which add up?"""

from __future__ import annotations

import glob
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from kpi_core.adding.attempt import Attempt
from kpi_core.adding.entries import paths_of
from kpi_core.adding.look import Look
from kpi_core.adding.questions import Choice, Question
from kpi_core.errors import KpiBotError
from kpi_core.layouts.recognition import Match, recognised
from kpi_core.loading.load import stage
from kpi_core.phrases import Notice
from kpi_core.settings.values import Source
from kpi_core.sources import ReadRequest
from kpi_core.sources.files.matching import names_now
from kpi_core.sources.openings import opening_of


def accounts_question(look: Look, source: Source | None, attempt: Attempt) -> Question | None:
    """What has to be said of a file beside those that its source reads; None where the days prove it, or nothing is
    divided otherwise, or kpi.yaml or an answer has said it.
    """
    if source is None or source.accounts or "accounts" in attempt.answers or look.match is None:
        return None
    model = attempt.catalog.models[source.table]
    others = list(_others(look, source, attempt))
    if model.key or all(_divides(match, attempt) == _divides(look.match, attempt) for _path, match in others):
        return None
    paths = [glob.escape(str(path.resolve())) for path in (*(path for path, _match in others), look.path)]
    place = attempt.scratch / "accounts"
    request = ReadRequest(
        replace(source, options={**source.options, "path": paths}), attempt.settings.folder, place, today=attempt.today
    )
    overlap = stage(request, attempt.catalog, attempt.settings).intake.overlap
    if not overlap.doubtful:
        return None
    one, other = (Path(name).name for name in overlap.cut_files)
    span = {"start": overlap.doubtful[0].isoformat(), "end": overlap.doubtful[-1].isoformat()}
    text = Notice("add.ask_accounts", {"one": one, "other": other, "count": len(overlap.doubtful), **span})
    return Question("accounts", text, (Choice("one"), Choice("several")))


def _others(look: Look, source: Source, attempt: Attempt) -> Iterator[tuple[Path, Match]]:
    """The files of the layout that the source reads already, each with its header's match."""
    files = sorted({path.resolve() for path in names_now(paths_of(source), attempt.settings.folder)})
    for number, path in enumerate(file for file in files if file != look.path.resolve()):
        place = attempt.scratch / f"beside-{number}"
        place.mkdir(exist_ok=True)
        try:
            opening = opening_of(path, place, {})
        except (KpiBotError, OSError):  # whoever adds or loads that file hears of it
            continue
        for records in opening.sheets.values():
            matches = (recognised(tuple(cell.strip() for cell in cells)) for _line, cells in records)
            match = next((match for match in matches if match is not None), None)
            if match is not None and match.layout.id == source.layout:
                yield path, match


def _divides(match: Match, attempt: Attempt) -> frozenset[str]:
    """The dimensions that a file fills."""
    columns = match.layout.columns
    names = attempt.catalog.models[match.layout.table].dimensions
    return frozenset(
        name for name in names if name in columns and any(field in match.headers for field in columns[name].reads)
    )
