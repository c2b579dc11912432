"""A file read as its entry of kpi.yaml says, beside the warehouse: what would go in, and what is open."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from kpi_core.adding.attempt import Attempt
from kpi_core.adding.look import Look
from kpi_core.adding.questions import Question, questions_of
from kpi_core.errors import KpiBotError
from kpi_core.frozen_dataclass import frozen
from kpi_core.loading.channels.named_channels import Uncovered
from kpi_core.loading.load import first_rows, rate_rows, stage, texts_of
from kpi_core.loading.money.amounts import ForeignAmounts
from kpi_core.loading.money.books import Books, books_of
from kpi_core.loading.money.rates import RateRow
from kpi_core.settings.file import source_of
from kpi_core.sources import LeftOut, ReadRequest, Rejection

SAMPLE = 10
"""Rows that are shown as understood."""
MOST_TEXTS = 50
"""Texts beyond which a column is none of few words."""


@frozen
class Understanding:
    """What a file gives: rows of the model, what is left out or does not fit, ten rows as they were read."""

    rows: int
    first_day: date | None
    last_day: date | None
    left_out: tuple[LeftOut, ...]
    rejections: tuple[Rejection, ...]
    questions: tuple[Question, ...]
    columns: tuple[str, ...] = ()
    sample: tuple[tuple[object, ...], ...] = ()
    foreign: tuple[ForeignAmounts, ...] = ()
    """Of the rows that are left out, those in other currencies."""
    uncovered: tuple[Uncovered, ...] = ()
    """Rows whose channel is on no list."""
    texts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Of the columns that were to be looked through, what stands in them; none where that is too much."""


def understand(look: Look, entry: Mapping[str, Any], attempt: Attempt, through: Sequence[str] = ()) -> Understanding:
    """Read one file alone by its entry, and look `through` some columns. DataError where it cannot be read so."""
    source = source_of(entry if look.kind == "sheet" else {**entry, "path": str(look.path)})
    place, reader = attempt.scratch / "rows", attempt.sheet_reader
    request = ReadRequest(source, attempt.settings.folder, place, sheet_reader=reader, today=attempt.today)
    staged = stage(request, attempt.catalog, attempt.settings, _books(attempt))
    intake, model = staged.intake, staged.model
    columns, sample = first_rows(staged, SAMPLE)
    return Understanding(
        rows=intake.rows,
        first_day=intake.first_day,
        last_day=intake.last_day,
        left_out=intake.left_out,
        rejections=(*intake.rejections, *intake.left_empty),
        questions=tuple(questions_of(intake, model, look.meaning, attempt.answers)),
        columns=columns,
        sample=sample,
        foreign=intake.money.foreign,
        uncovered=intake.uncovered,
        texts=texts_of(staged, through, MOST_TEXTS),
    )


def _books(attempt: Attempt) -> Books:
    """The books of the workspace, with the rates that their source has now; none where it cannot be read."""
    settings = attempt.settings
    source = next((source for source in settings.sources if source.name == settings.rates), None)

    def rows() -> tuple[RateRow, ...]:
        if source is None:
            return ()
        place = attempt.scratch / "rates"
        request = ReadRequest(source, settings.folder, place, os.environ, sheet_reader=attempt.sheet_reader)
        try:
            return rate_rows("", None, stage(request, attempt.catalog, settings))
        except KpiBotError:
            # The load that follows says what is wrong with it.
            return ()

    return books_of(settings, rows)
