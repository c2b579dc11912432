"""The worked examples of definitions, tried: each question is asked of its own small tables.

An example stands for itself, whatever kpi.yaml says: times are UTC, weeks begin on Monday, parameters as usual.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from math import isclose
from pathlib import Path

from kpi_core.answering.engine import Engine
from kpi_core.answers import Answer
from kpi_core.dates.calendars import Calendar
from kpi_core.documents.yaml_file import Steps
from kpi_core.errors import DataError, KpiBotError, did_you_mean
from kpi_core.metrics import Catalog, Metric, WorkedExample
from kpi_core.questions.parse import parse_question
from kpi_core.settings.file import goal_of
from kpi_core.settings.values import Settings
from kpi_core.warehouse.scratch import ScratchWarehouse

Wrong = tuple[Metric, Steps, str, str]
"""Whose example, where in its file, what is wrong, what to do."""

_WRITTEN_OUT = 4
"""A value written with so many decimals may be rounded to them."""


def wrong_examples(catalog: Catalog, kpis: Collection[str], now: datetime) -> Iterator[Wrong]:
    """What does not come out as the definitions of some KPIs and their variants work it out by hand."""
    tried = [metric for metric in catalog.metrics.values() if (metric.variant_of or metric.id) in kpis]
    if not any(metric.examples for metric in tried):
        return
    with ScratchWarehouse() as scratch:
        for metric in tried:
            for number, example in enumerate(metric.examples):
                for place, message, hint in _tried(metric, example, catalog, scratch, now):
                    yield metric, (*_place(metric), "worked_example", number, *place), message, hint


def _place(metric: Metric) -> Steps:
    return ("variants", metric.id.partition("@")[2]) if metric.variant_of else ()


def _tried(
    metric: Metric, example: WorkedExample, catalog: Catalog, scratch: ScratchWarehouse, now: datetime
) -> Iterator[tuple[Steps, str, str]]:
    unknown = list(_unknown(example, catalog))
    if unknown:
        yield from unknown
        return
    scratch.empty()
    for table, rows in example.tables.items():
        try:
            scratch.fill(catalog.models[table], rows)
        except DataError as error:
            yield ("tables", table), error.message, error.hint
            return
    try:
        answer = _answer(example, catalog, scratch, now)
    except KpiBotError as error:
        yield ("ask",), f"{example.ask}: {error.message}", error.hint
        return
    yield from _differences(metric, example, answer)


def _unknown(example: WorkedExample, catalog: Catalog) -> Iterator[tuple[Steps, str, str]]:
    """Tables and columns that no model has."""
    # Tables that a relation makes are not filled: their rows follow from the others.
    tables = sorted(name for name, model in catalog.models.items() if not model.relation)
    for table, rows in example.tables.items():
        if table not in tables:
            yield ("tables", table), f"there is no table {table}", _near(table, tables)
            continue
        columns = catalog.models[table].columns
        for number, row in enumerate(rows):
            for name in row.keys() - columns.keys():
                yield ("tables", table, number, name), f"{table} has no column {name}", _near(name, [*columns])


def _near(word: str, candidates: list[str]) -> str:
    near = did_you_mean(word, candidates)
    return f"Did you mean {' or '.join(near)}?" if near else f"Known: {', '.join(candidates)}."


def _answer(example: WorkedExample, catalog: Catalog, scratch: ScratchWarehouse, now: datetime) -> Answer:
    goals = tuple(goal_of(entry) for entry in example.goals)
    engine = Engine(_PLAIN, catalog, scratch, lambda: goals)
    query = parse_question(example.ask, engine.vocabulary(), _PLAIN.calendar, engine.today(now))
    return engine.answer(query, now)


def _differences(metric: Metric, example: WorkedExample, answer: Answer) -> Iterator[tuple[Steps, str, str]]:
    if answer.metric.id != metric.id:
        yield ("ask",), f"{example.ask} asks for {answer.metric.id}, not for {metric.id}", f"Ask for {metric.id}."
        return
    hint = "Mend the value, the rows or the definition."
    if not _same(example.value, answer.value):
        yield (
            ("value",),
            f"{example.ask} is {_number_text(answer.value)}, expected {_number_text(example.value)}{_because(answer)}",
            hint,
        )
    for name, value in example.parts.items():
        if name not in answer.parts:
            yield ("parts", name), f"{metric.id} has no part {name}", _near(name, [*answer.parts])
        elif not _same(value, answer.parts[name]):
            yield ("parts", name), f"{name} is {_number_text(answer.parts[name])}, expected {_number_text(value)}", hint


def _same(expected: float | None, actual: float | None) -> bool:
    if expected is None or actual is None:
        return expected is actual
    decimals = len(repr(expected).partition(".")[2]) if isinstance(expected, float) else 0
    rounded = decimals >= _WRITTEN_OUT and "e" not in repr(expected)
    # Half a unit of the last decimal that was written, and a hair for how a float is stored.
    return isclose(expected, actual, rel_tol=1e-9, abs_tol=0.51 * 10**-decimals if rounded else 1e-12)


def _number_text(value: float | None) -> str:
    return "no data" if value is None else f"{value:.15g}"


def _because(answer: Answer) -> str:
    """Why there is no data, where the answer says so."""
    from kpi_core.formats.notices import notice_text

    if answer.value is not None or not answer.warnings:
        return ""
    return f" ({notice_text(answer.warnings[0], 'en', answer.metric).rstrip('.')})"


_PLAIN = Settings(
    company="",
    calendar=Calendar("UTC"),
    locale="en",
    currency="USD",
    warehouse="",
    state="",
    folder=Path(),
)
