"""Damages to the file of one source, and the numbers that changed without a word about it.

A damage drops, delays, doubles, blanks or misspells a part of the rows. A change is silent when a number is another than
before and not null, and no note of its answer names the source.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import isclose
from pathlib import Path
from random import Random

import duckdb
from companies.drawn_shop import NOW, TODAY, Company, Row, moved, write_source

from kpi_core.answering.engine import Engine
from kpi_core.answering.layout import leaves
from kpi_core.answers import Answer
from kpi_core.dates.periods import Period, unit_of
from kpi_core.errors import KpiBotError
from kpi_core.loading.load import load
from kpi_core.metrics import Model
from kpi_core.query import Comparison, MetricQuery
from kpi_core.warehouse.duckdb import DuckDBWarehouse
from tables import CATALOG

Numbers = Mapping[tuple[object, ...], float | None]
_WORD = "zzz new"


@dataclass(frozen=True)
class Damage:
    """What was done to a source, and what its file holds then."""

    what: str
    source: str
    first: date
    rows: Sequence[Row]


@dataclass(frozen=True)
class _Part:
    """The part of a source's rows that a damage is about: some days, a share of their rows, one value alone."""

    first: date
    days: int
    share: float
    column: str = ""
    member: object = None

    def chosen(self, rows: Sequence[Row], model: Model, random: Random) -> set[int]:
        inside = range((self.first).toordinal(), self.first.toordinal() + self.days)
        return {
            number
            for number, row in enumerate(rows)
            if day_of(row, model).toordinal() in inside
            and (not self.column or row.get(self.column) == self.member)
            and (self.share == 1 or random.random() < self.share)
        }


def day_of(row: Row, model: Model) -> date:
    value = row[model.time]
    assert isinstance(value, date)
    return value.date() if isinstance(value, datetime) else value


def damaged(company: Company, source: str, random: Random) -> Damage:
    """Any damage: small or large, anywhere in the life of the source."""
    rows, model = company.rows[source], company.model(source)
    span = (TODAY - min(day_of(row, model) for row in rows)).days
    first = TODAY - timedelta(days=random.randint(1, span))
    part = _Part(first, random.choice((1, 2, 3, 7, 14, 30)), random.choice((0.1, 0.3, 0.5, 0.9, 1, 1, 1)))
    kind = random.choice(
        (
            "drop",
            "drop",
            "drop value",
            "delay",
            "delay value",
            "double",
            "blank",
            "blank",
            "misspell",
            "misspell",
            "rename",
        )
    )
    return _done(kind, company, source, part, random)


def large_damage(company: Company, source: str, random: Random) -> Damage | None: ...


def _done(kind: str, company: Company, source: str, part: _Part, random: Random) -> Damage:
    rows, model = list(company.rows[source]), company.model(source)
    if "delay" in kind:
        part = _Part(TODAY - timedelta(days=part.days), part.days + 1, 1)
    texts = [name for name in model.columns if _is_text(name, model)]
    near = part.chosen(rows, model, random)
    if ("value" in kind or kind in {"misspell", "rename"}) and texts and near:
        column = random.choice(texts)
        members = sorted({str(rows[number][column]) for number in near if rows[number].get(column) is not None})
        if members:
            part = _Part(part.first, part.days, part.share, column, random.choice(members))
    chosen = part.chosen(rows, model, random)
    what = f"{kind} {source} {part}"
    if kind.startswith(("drop", "delay")):
        left: list[Row] = [row for number, row in enumerate(rows) if number not in chosen]
    elif kind == "double":
        left = [*rows, *(rows[number] for number in sorted(chosen))]
    elif kind == "blank":
        filled = [
            name for name in model.columns if name != model.time and any(row.get(name) is not None for row in rows)
        ]
        column = random.choice(filled)
        what = f"{what} {column}"
        left = [{**row, column: None} if number in chosen else row for number, row in enumerate(rows)]
    elif part.column:
        wrong = _WORD if kind == "rename" else _misspelt(str(part.member), random)
        what = f"{what} as {wrong!r}"
        left = [{**row, part.column: wrong} if number in chosen else row for number, row in enumerate(rows)]
    else:
        left = rows
    return Damage(what, source, part.first, left)


def _is_text(name: str, model: Model) -> bool:
    return model.columns[name].type == "text"


def _misspelt(word: str, random: Random) -> str:
    place = random.randrange(max(1, len(word) - 1))
    before, letter, after = word[:place], word[place : place + 1], word[place + 1 :]
    return random.choice(
        (
            before + after[:1] + letter + after[1:],
            before + after,
            before + letter + word[place:],
            word.upper(),
            f" {word}",
        )
    )


def reloaded(company: Company, damage: Damage, folder: Path, *, fresh: bool = False) -> Engine:
    """The company with the damaged file loaded over the sound one; `fresh`: as if there had been no load before."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copyfile(company.settings.folder / "kpi.duckdb", folder / "kpi.duckdb")
    if fresh:
        with duckdb.connect(str(folder / "kpi.duckdb")) as connection:
            connection.execute("DELETE FROM kpi_days WHERE source = ?", [damage.source])
    source = company.source(damage.source)
    settings = moved(company, folder, damage.source, source.options["path"])
    write_source(folder, source, damage.rows)
    report = load(settings, CATALOG, now=NOW, only=damage.source)
    assert not report.failed, (damage.what, report.failed[0].error)
    return Engine(settings, CATALOG, DuckDBWarehouse(folder / "kpi.duckdb"))


def questions(engine: Engine, table: str, days: Sequence[date]) -> list[MetricQuery]:
    """Every KPI that reads a table, whole and split by each dimension, for the months of some days."""
    asked = []
    for metric in CATALOG.metrics.values():
        if table not in tables_read(engine, metric.id):
            continue
        for split in ((), *((name,) for name in engine.dimensions_of(metric))):
            for period in dict.fromkeys(unit_of(day, "month", engine.settings.calendar) for day in days):
                comparisons = (Comparison("previous_period"), Comparison("same_period_last_year"))
                asked.append(MetricQuery(metric.id, period, comparisons, split, trended=not split))
    return asked


def tables_read(engine: Engine, metric: str) -> set[str]:
    read: set[str] = set()
    for leaf in leaves(engine.reading_of(metric), CATALOG):
        model = CATALOG.models[leaf.model]
        read |= set(model.reads if model.relation else (model.name,))
        if leaf.where is not None:
            read.add(leaf.where.above_zero.partition(".")[0])
    return read


def silent_changes(before: Answer, after: Answer, source: str) -> list[tuple[object, ...]]:
    """The numbers of an answer that changed without a word about the source."""
    if any(note.finding.source == source for note in after.health):
        return []
    first, then = dict(_numbers(before)), dict(_numbers(after))
    # A number that is null now says of itself that it is not known; a group that is gone does not.
    return [
        place
        for place in sorted(first.keys() | then.keys(), key=str)
        if not _alike(first.get(place), then.get(place)) and (place[0] == "row" or then.get(place) is not None)
    ]


def _numbers(answer: Answer) -> Iterator[tuple[tuple[object, ...], float | None]]:
    yield ("value",), answer.value
    for change in answer.comparisons:
        yield ("comparison", change.basis), change.value
        yield ("compared", change.basis), change.current
    for point in answer.trend:
        yield ("trend", point.period.start), point.value
    for row in answer.breakdown or ():
        yield ("row", *row.keys), row.value


def _alike(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
