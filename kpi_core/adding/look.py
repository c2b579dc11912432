"""A look into a file: what it is, where its header stands, and whose export it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kpi_core.adding.attempt import Attempt
from kpi_core.layouts.meaning import Meaning, meaning_of
from kpi_core.layouts.recognition import Match, recognised
from kpi_core.metrics import Model
from kpi_core.sources.files.look import opening_of


@dataclass(frozen=True, slots=True)
class Look:
    """A file at `path`. It is an export with `match`, a table mapped by `meaning`, or with neither none of ours."""

    path: Path
    kind: Literal["csv", "xlsx", ""]
    header: tuple[str, ...] = ()
    header_line: int = 1
    match: Match | None = None
    meaning: Meaning | None = None

    @property
    def table(self) -> str | None:
        if self.match is not None:
            return self.match.layout.table
        return self.meaning.table if self.meaning is not None else None


def look_at(path: Path, attempt: Attempt) -> Look:
    """What lies at `path`. DataError where somebody has to say first how it is to be read, OSError where it cannot."""
    models = attempt.catalog.models
    styles = {key: attempt.answers[key] for key in ("encoding", "delimiter", "sheet") if key in attempt.answers}
    opening = opening_of(path, attempt.scratch, **styles)
    rows = [(line, [cell.strip() for cell in record]) for line, record in opening.records]
    for line, header in rows:
        match = recognised(header)
        if match is not None and match.layout.table in models:
            return Look(path, opening.kind, tuple(header), line, match)
    for line, header in rows:
        if (meaning := _meaning(header, models)) is not None:
            return Look(path, opening.kind, tuple(header), line, meaning=meaning)
    return Look(path, opening.kind)


def _meaning(header: Sequence[str], models: Mapping[str, Model]) -> Meaning | None:
    # A row of the table would be taken for a header where its cells happen to be words of ours.
    is_header = len(header) > 1 and not any(cell[:1].isdigit() for cell in header)
    return meaning_of(header, models) if is_header else None
