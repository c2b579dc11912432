"""Damages to the file of one source, and the numbers that changed without a word about it.

A damage drops, delays, doubles, blanks or misspells a part of the rows. A change is silent when a number is
another than before and not null, and no note of its answer names the source.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import isclose
from pathlib import Path
from random import Random

import duckdb
from companies.drawn_shop import NOW, TODAY, Company, Row, moved, write_source

from bot.demo_workspace import build_demo
from kpi_core.answering.engine import Engine
from kpi_core.answering.layout import leaves
from kpi_core.answers import Answer
from kpi_core.dates.periods import Period, add_months, unit_of
from kpi_core.loading.load import load
from kpi_core.metrics import Model
from kpi_core.query import Comparison, MetricQuery
from kpi_core.settings.file import read_settings
from kpi_core.warehouse.duckdb import DuckDBWarehouse

from tables import CATALOG

Numbers = Mapping[tuple[object, ...], float | None]
OF_SOUND_DATA = frozenset({"history_young", "balance_carried", "column_partly_filled", "no_entity"})
"""What is said of how sound data is read: where it begins, of which day a balance is, in which rows a column is filled.
"""
_MOST_ROWS = 60_000
_LETTERS = 4
"""A word with as many can be misspelt."""
_USUAL = timedelta(days=63)
"""After so long from its first row, what is usual in a source is known."""


@dataclass(frozen=True)
class Damage:
    """What was done to a source, the first day of it, and the rows that its file holds then."""

    what: str
    source: str
    first: date
    rows: Sequence[Row]


@dataclass(frozen=True)
class _Part:
    """The part of a source's rows that a damage is about: some days, a share of their rows, one value alone."""

    first: date
    days: int
    share: float = 1
    column: str = ""
    member: object = None

    def chosen(self, company: Company, source: str, random: Random) -> set[int]:
        """The numbers of its rows."""
        model, last = company.model(source), self.first + timedelta(days=self.days)
        return {
            number
            for number, row in enumerate(company.rows[source])
            if self.first <= day_of(row, model) < last
            and (not self.column or row.get(self.column) == self.member)
            and (self.share == 1 or random.random() < self.share)
        }


def day_of(row: Row, model: Model) -> date:
    """The UTC day of a row; drawn companies do nothing at night."""
    value = row[model.time]
    assert isinstance(value, date)
    return value.date() if isinstance(value, datetime) else value


def any_damage(company: Company, source: str, random: Random) -> Damage:
    """Small or large, of any kind, anywhere in the life of a source."""
    model, days = company.model(source), random.choice((1, 2, 3, 7, 14, 30))
    span = (TODAY - min(day_of(row, model) for row in company.rows[source])).days
    part = _Part(TODAY - timedelta(days=random.randint(1, span)), days, random.choice((0.1, 0.3, 0.5, 0.9, 1, 1, 1)))
    kind = random.choice(("drop", "drop", "delay", "double", "blank", "blank", "misspell", "misspell", "rename"))
    if kind == "delay":
        part = replace(part, first=TODAY - timedelta(days=days), share=1)
    texts = [name for name, column in model.columns.items() if column.type == "text"]
    if texts and (kind in {"misspell", "rename"} or (kind in {"drop", "delay"} and random.random() < 0.5)):
        part = _with_member(part, company, source, random.choice(texts), random)
    filled = [name for name in _filled(company, source) if name != model.time]
    return _done(kind, company, source, part, random, random.choice(filled))


def large_damage(company: Company, source: str, random: Random) -> Damage | None:
    """One that is seen without any load before it, None where the draw is none; nine weeks into the source or later.

    Days without any of 40 rows that were due, in a report with rows every day a week; a value of a dimension likewise,
    two weeks; the newest days; a month without a category of costs, a list of a week; a column that is always filled
    and lacks 60 values in a row; a frequent value that is misspelt in a tenth of its rows or less, and any other word
    in the place of 30 rows of one; a week that stands twice in a table without a key.
    """
    model = company.model(source)
    begun = min(day_of(row, model) for row in company.rows[source]) + _USUAL
    if begun >= TODAY - timedelta(days=35):
        return None
    kind = random.choice(("drop", "drop value", "delay", "double", "blank", "misspell", "rename"))
    part = _Part(begun + timedelta(days=random.randrange((TODAY - begun).days - 21)), random.choice((7, 14, 21)))
    if kind == "delay":
        part = replace(part, first=TODAY - timedelta(days=part.days))
    if kind == "drop value" or kind in {"misspell", "rename"}:
        if not model.members:
            return None
        part = _with_member(replace(part, days=14), company, source, random.choice(model.members), random)
        if not part.column:
            return None
    if model.entered_by and kind.startswith("drop"):
        month = unit_of(part.first, "month", company.settings.calendar)
        part = _Part(month.start, month.days, 1, model.entered_by, random.choice(("salaries", "tools", "agency")))
        return _done("drop", company, source, part, random, "")
    columns = [name for name in _filled(company, source) if _is_always_filled(company, source, name)]
    if kind == "blank" and not columns:
        return None
    damage = _done(kind.partition(" ")[0], company, source, part, random, random.choice(columns or [""]))
    return damage if _is_large(kind, company, source, part, random) else None


def _is_large(kind: str, company: Company, source: str, part: _Part, random: Random) -> bool:
    model, rows = company.model(source), part.chosen(company, source, random)
    if kind == "double":
        return not model.key and len(rows) >= 7
    if kind == "blank":
        return len(rows) >= 60
    if kind == "misspell":
        all_rows = sum(row.get(part.column) == part.member for row in company.rows[source])
        return len(str(part.member)) > _LETTERS and 0 < len(rows) <= all_rows / 10
    if kind == "rename":
        return len(rows) >= 30
    if model.sparse and kind == "delay":
        return False
    steady = model.name in {"ad_performance", "social_accounts", "production"}
    return len(rows) >= 2 if steady else len(rows) >= 40


def _with_member(part: _Part, company: Company, source: str, column: str, random: Random) -> _Part:
    """The part narrowed to one of its values of a column, the same part where it has none."""
    rows = company.rows[source]
    numbers = replace(part, share=1).chosen(company, source, random)
    members = sorted({str(rows[number][column]) for number in numbers if rows[number].get(column) is not None})
    return replace(part, column=column, member=random.choice(members)) if members else part


def _filled(company: Company, source: str) -> list[str]:
    rows = company.rows[source]
    return [name for name in company.model(source).columns if any(row.get(name) is not None for row in rows)]


def _is_always_filled(company: Company, source: str, name: str) -> bool:
    model = company.model(source)
    optional = not model.columns[name].required and not model.columns[name].empty and name not in model.key
    return optional and all(row.get(name) is not None for row in company.rows[source])


def _done(kind: str, company: Company, source: str, part: _Part, random: Random, column: str) -> Damage:
    rows, chosen = company.rows[source], part.chosen(company, source, random)
    what = f"{kind} {source} {part}"
    if kind in {"drop", "delay"}:
        left: list[Row] = [row for number, row in enumerate(rows) if number not in chosen]
    elif kind == "double":
        left = [*rows, *(rows[number] for number in sorted(chosen))]
    elif kind == "blank":
        what = f"{what}: {column}"
        left = _written(rows, chosen, column, None)
    else:
        word = "zzz new" if kind == "rename" else _misspelt(str(part.member), random)
        what = f"{what}: {word}"
        left = _written(rows, chosen, part.column, word) if part.column else list(rows)
    return Damage(what, source, part.first, left)


def _written(rows: Sequence[Row], chosen: set[int], column: str, value: str | None) -> list[Row]:
    return [{**row, column: value} if number in chosen else row for number, row in enumerate(rows)]


def _misspelt(word: str, random: Random) -> str:
    """A letter less, twice, or changed with its neighbour; in capitals, or with a space, which is no damage."""
    place = random.randrange(max(1, len(word) - 1))
    before, letter, after = word[:place], word[place : place + 1], word[place + 1 :]
    ways = (before + after[:1] + letter + after[1:], before + after, before + letter + word[place:])
    return random.choice((*ways, word.upper(), f" {word}"))


def demo_company(folder: Path) -> Company:
    """The demo company; of its largest tables nothing is damaged."""
    build_demo(folder, TODAY, {}, lambda _step, _done, _total: None)
    made = read_settings(folder / "kpi.yaml")
    rows: dict[str, list[Row]] = {}
    for source in made.sources:
        relation = duckdb.read_parquet(source.options["path"])
        if len(relation) <= _MOST_ROWS:
            rows[source.name] = [dict(zip(relation.columns, line, strict=True)) for line in relation.fetchall()]
    return Company(replace(made, folder=folder), rows)


def loaded(company: Company) -> Engine:
    """The company as its files are."""
    report = load(company.settings, CATALOG, now=NOW)
    assert not report.failed
    return Engine(company.settings, CATALOG, DuckDBWarehouse(company.settings.folder / "kpi.duckdb"))


def silent_after(damage: Damage, company: Company, engine: Engine, folder: Path, *, fresh: bool) -> list[str]:
    """What a damage changes in silence: `engine` answers for the sound company. `fresh`: no load was before."""
    table = company.source(damage.source).table
    asked = questions(engine, table, [damage.first, TODAY - timedelta(days=1), damage.first + timedelta(days=31)])
    broken = reloaded(company, damage, folder, fresh=fresh)
    answers = zip(engine.answers(asked, NOW), broken.answers(asked, NOW), strict=True)
    changes = [
        f"{damage.what}: {before.metric.id} {before.query.period.start} by {before.query.dimensions}, {places[:3]}"
        for before, after in answers
        if (places := silent_changes(before, after, damage.source))
    ]
    broken.warehouse.close()
    shutil.rmtree(folder)
    return changes


def named_while_sound(engine: Engine) -> tuple[list[str], int]:
    """All KPIs in each of twelve months: the answers that carry a sentence, with what it says; how many there are."""
    asked = [
        MetricQuery(metric.id, Period(start, add_months(start, 1), "month"), (Comparison("previous_period"),))
        for metric in CATALOG.metrics.values()
        for start in (add_months(TODAY.replace(day=1), -back) for back in range(12))
    ]
    named = [
        f"{answer.metric.id} {answer.query.period.start}: {note.finding}"
        for answer in engine.answers(asked, NOW)
        for note in [note for note in answer.health if note.finding.code not in OF_SOUND_DATA][:1]
    ]
    return named, len(asked)


def reloaded(company: Company, damage: Damage, folder: Path, *, fresh: bool = False) -> Engine:
    """The company with the damaged file loaded over the sound one; `fresh`: as if there had been no load before."""
    folder.mkdir(parents=True)
    shutil.copyfile(company.settings.folder / "kpi.duckdb", folder / "kpi.duckdb")
    if fresh:
        with duckdb.connect(str(folder / "kpi.duckdb")) as connection:
            connection.execute("DELETE FROM kpi_days WHERE source = ?", [damage.source])
    settings = moved(company, folder, damage.source)
    write_source(folder, company.source(damage.source), damage.rows)
    report = load(settings, CATALOG, now=NOW, only=damage.source)
    errors = [each.error.code for each in report.failed if each.error is not None]
    # Where the old rows stand, no number may change.
    assert errors in ([], ["load_shrunk"]), (damage.what, errors)
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
            read.add(leaf.where.metric.partition(".")[0])
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
