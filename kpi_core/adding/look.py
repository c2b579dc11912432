"""A look into a file: what it is, where its header stands, and whose export it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from kpi_core.adding.attempt import Attempt
from kpi_core.adding.goal_plans import GoalPlan, goal_plan
from kpi_core.errors import DataError
from kpi_core.frozen_dataclass import frozen
from kpi_core.layouts.meaning import Meaning, is_name, meaning_of
from kpi_core.layouts.recognition import Match, recognised
from kpi_core.metrics import Model
from kpi_core.sources.files.text_file import OPENING, Record
from kpi_core.sources.files.totals import DATE, NUMBER
from kpi_core.sources.openings import opening_of

OPTIONS = ("encoding", "delimiter", "sheet")
"""Answers that say how the file itself is read."""


@frozen
class Look:
    """A file at `path`. It is an export with `match`, a table mapped by `meaning`, or with neither none of ours."""

    path: Path
    kind: Literal["csv", "xlsx", "sheet", ""]
    sheet: str = ""
    """Of a workbook the sheet that it is on."""
    is_one_of_several: bool = False
    """Whether the workbook has other sheets that are not empty."""
    header: tuple[str, ...] = ()
    header_line: int = 1
    match: Match | None = None
    meaning: Meaning | None = None
    plan: GoalPlan | None = None
    """Goals, which go into kpi.yaml; `meaning` then says of which KPIs."""

    @property
    def table(self) -> str | None:
        if self.match is not None:
            return self.match.layout.table
        return self.meaning.table if self.meaning is not None else None


def look_at(path: Path, attempt: Attempt) -> Look:
    """What lies at `path`. DataError where somebody has to say first how it is to be read, OSError where it cannot."""
    options: dict[str, object] = {key: attempt.answers[key] for key in OPTIONS if key in attempt.answers}
    opening = opening_of(path, attempt.scratch, options)
    has_others = sum(map(bool, opening.sheets.values())) > 1
    looks = [
        look
        for sheet, records in opening.sheets.items()
        if (look := look_of(Look(path, opening.kind, sheet, has_others), records, attempt)) is not None
    ]
    exports = [look for look in looks if look.match is not None]
    if len(exports or looks) > 1:
        raise _several(path, [look.sheet for look in exports or looks])
    return (exports or looks or [Look(path, opening.kind)])[0]


def look_of(look: Look, records: Sequence[Record], attempt: Attempt) -> Look | None:
    """The look with what a sheet is; None where it is none of ours. The header may stand below other lines."""
    models = attempt.catalog.models
    rows = [(line, tuple(cell.strip() for cell in record)) for line, record in records]
    for line, header in rows:
        match = recognised(header)
        if match is not None and match.layout.table in models and _fills(match, models[match.layout.table]):
            return replace(look, header=header, header_line=line, match=match)
    if (plan := _plan(look, rows, attempt)) is not None:
        header = next(cells for line, cells in rows if line == plan.header_line)
        of_plan = Meaning("goals" if plan.targets else "budgets", plan.labels)
        return replace(look, header=header, header_line=plan.header_line, meaning=of_plan, plan=plan)
    for line, header in rows:
        if (meaning := _meaning(header, models)) is not None:
            return replace(look, header=header, header_line=line, meaning=meaning)
    return None


def _fills(match: Match, model: Model) -> bool:
    """Whether a header has something for each column that rows of the model need."""
    its = match.layout
    there = {
        name
        for name, made in its.columns.items()
        if not made.reads or any(field in match.headers for field in (*made.reads, made.unless))
    }
    return all(name in there or name in its.set for name, column in model.columns.items() if column.required)


def _plan(look: Look, rows: Sequence[tuple[int, Sequence[str]]], attempt: Attempt) -> GoalPlan | None:
    """The plan on a sheet; a table with a day or a month a row that has budgets alone is one of ours as it is."""
    if len(rows) >= OPENING:
        return None
    answers = attempt.answers
    year, decimal = answers.get("year", ""), answers.get("decimal", "")
    plan = goal_plan(
        rows, f"{look.path.stem} {look.sheet}", attempt.catalog, int(year) if year.isdigit() else None, decimal
    )
    if plan is None or plan.targets:
        return plan
    is_table = any(_meaning(header, attempt.catalog.models) for _line, header in rows[:3])
    return None if is_table else plan


def _several(path: Path, sheets: Sequence[str]) -> DataError:
    params = {"file": path.name, "sheets": ", ".join(sheets), "sheet": sheets[0]}
    message = f"{path.name} has several sheets that are tables of ours: {params['sheets']}."
    return DataError(message, code="source_sheets", hint="Name one.", suggestions=sheets, params=params)


def _meaning(header: Sequence[str], models: Mapping[str, Model]) -> Meaning | None:
    # A row of the table would be taken for a header where its cells happen to be words of ours.
    is_header = len(header) > 1 and not any(_is_value(cell) and not is_name(cell) for cell in header)
    return meaning_of(header, models) if is_header else None


def _is_value(cell: str) -> bool:
    """Whether a cell is a number or a day; 7日間の合計売上高 and 14 Day Total Sales are names."""
    looks_so = re.search(NUMBER, cell) or re.search(DATE, cell) or not re.search(r"[^\W\d_]{2}", cell)
    return cell[:1].isdigit() and bool(looks_so)
