"""What of the data's health touches a number, and whether the number is then known to be incomplete. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

from kpi_core.answering.balances import behind
from kpi_core.answering.known import ENOUGH
from kpi_core.answering.layout import filter_layout, leaves, share_columns
from kpi_core.answering.resolved import Ground, Resolved, Window
from kpi_core.answering.spans import Slice, days_of
from kpi_core.answering.values import Values
from kpi_core.answering.verdicts.history import young_histories
from kpi_core.answers import HealthNote, Scope
from kpi_core.dates.periods import Days, Period
from kpi_core.frozen_dataclass import frozen
from kpi_core.health.facts import OF_MISSING_ROWS, OF_ROWS, OF_SOURCES, Code, Finding, Health, SourceFacts
from kpi_core.metrics import Catalog, Measure, Metric, Model
from kpi_core.warehouse.coverage import stale_sources

_SCOPES: tuple[Scope, ...] = ("period", "comparison", "trend", "history")
_BEGINNING = date.min


@frozen(eq=False)
class Standing:
    """What is known of the data that questions on one ground read, whatever their days."""

    health: Health
    absent: tuple[HealthNote, ...]
    """Columns that a source lacks."""
    ownerless: tuple[HealthNote, ...]
    """Rows of which nobody knows whose they are."""
    young: tuple[Finding, ...]
    """Histories that are too short for some days."""
    findings: tuple[Finding, ...]
    """What else has been seen in the columns that are read."""
    vat: Mapping[str, str]
    """By source whether VAT is in the amounts; of one whose columns differ, `mixed`."""
    mixes_vat: bool = False
    """Whether amounts with VAT and without are added up."""


def standing_of(ground: Ground, health: Health, today: date) -> Standing:
    """What touches every answer on a ground, or those of some days."""
    metric, catalog = ground.metric, ground.context.catalog
    reads = columns_read(metric, catalog, _grouping(ground))
    young = young_histories(leaves(metric, catalog), catalog, health)
    seen = (*health.findings, *_stale(ground, reads, health, today))
    return Standing(
        health,
        absent=tuple(_not_there(ground, reads, health)),
        ownerless=tuple(dict.fromkeys(_of_nobody(ground, health))),
        young=tuple(finding for finding in young if _is_read(finding, reads)),
        findings=tuple(finding for finding in seen if _is_read(finding, reads)),
        vat=_vat_of(ground.definitions.metrics[metric.id], catalog, health),
        mixes_vat=_mixes_vat(ground.definitions.metrics[metric.id], catalog, health),
    )


def health_notes(resolved: Resolved, values: Values, standing: Standing) -> tuple[HealthNote, ...]:
    """All that touches an answer, what touches its own days first, there what makes it incomplete first."""
    notes = [*standing.absent, *_partly_known(resolved, values, standing.health), *standing.ownerless]
    ages = list(_balance_notes(resolved, values, standing.health))
    notes += ages
    asked = list(_days(resolved, "period")) if standing.young else []
    young = (finding for finding in standing.young if any(finding.touches(days) for days in asked))
    found = [*young, *standing.findings]
    notes += _touching(found, resolved, {note.finding.table for note in ages}) if found else ()
    return tuple(sorted(notes, key=_gravity)) if notes else ()


def _gravity(note: HealthNote) -> tuple[int, bool, bool]:
    return _SCOPES.index(note.scope), not note.incomplete, note.finding.code not in OF_SOURCES


def _touching(findings: Iterable[Finding], resolved: Resolved, aged: Collection[str]) -> Iterator[HealthNote]:
    """What of findings in the columns that are read touches the days that are; `aged` are tables of old balances."""
    spans: dict[Scope, list[Days]] = {scope: list(_days(resolved, scope)) for scope in _SCOPES}
    course = [days for days in spans["trend"] if days not in spans["period"]]
    for finding in findings:
        # A balance goes by its last row: whether that one is missing is said member by member.
        by_age = finding.code in OF_MISSING_ROWS and resolved.ground.balances.get(finding.table, False)
        by_age = by_age or (finding.table in aged and finding.code == "source_stale")
        places: dict[Scope, list[Days]] = {"trend": course} if by_age else spans
        scope = next((each for each in places if any(finding.touches(days) for days in places[each])), None)
        if scope is not None:
            yield HealthNote(finding, scope, finding.incomplete and not by_age)
        elif finding.code in OF_SOURCES:
            yield HealthNote(finding, "period", incomplete=False)


def incomplete_data(metric: Metric, catalog: Catalog, health: Health, days: Days) -> tuple[Finding, ...]:
    """What makes the numbers of a metric incomplete on some days, however they are asked for."""
    reads = columns_read(metric, catalog)
    return tuple(
        finding
        for finding in health.findings
        if finding.incomplete and finding.touches(days) and _is_read(finding, reads)
    )


def _is_read(finding: Finding, reads: Mapping[str, set[str]]) -> bool:
    columns = reads.get(finding.table)
    return columns is not None and (finding.code in OF_ROWS or not finding.column or finding.column in columns)


def is_sound(window: Window, notes: Iterable[HealthNote]) -> bool:
    """Whether none of the days that are compared is known to be incomplete."""
    if window.pairing is None:
        return True
    spans = [_span(window.pairing.current), _span(window.pairing.other)]
    return not any(
        note.incomplete and note.scope != "history" and any(note.finding.touches(days) for days in spans)
        for note in notes
    )


def _stale(ground: Ground, tables: Iterable[str], health: Health, today: date) -> Iterator[Finding]:
    """The sources that end before yesterday; those that others of their table have left behind are told as late.

    A sparse table may well have no rows for days.
    """
    late = {finding.source for finding in health.findings if finding.code == "source_late"}
    for table in tables:
        if not ground.context.catalog.models[table].sparse:
            yield from stale_sources([facts for facts in health.of_table(table) if facts.source not in late], today)


def columns_read(metric: Metric, catalog: Catalog, dimensions: Collection[str] = ()) -> Mapping[str, set[str]]:
    """By table: the columns that the metric's measures read, with the dimensions that a question adds."""
    if catalog.metrics.get(metric.id) is metric:
        return _read_by(metric.id, catalog, frozenset(dimensions))
    return _columns_read(metric, catalog, frozenset(dimensions))


@lru_cache(maxsize=4096)
def _read_by(metric: str, catalog: Catalog, dimensions: frozenset[str]) -> Mapping[str, set[str]]:
    return _columns_read(catalog.metrics[metric], catalog, dimensions)


def _columns_read(metric: Metric, catalog: Catalog, dimensions: frozenset[str]) -> Mapping[str, set[str]]:
    reads: dict[str, set[str]] = {}
    for leaf in leaves(metric, catalog):
        model = catalog.models[leaf.model]
        followed = _followed(model, catalog)
        for name in _tables(model):
            reads.setdefault(name, set()).update(dimensions, followed & catalog.models[name].columns.keys())
        for lookup in (step for name in dimensions if name in model.lookups for step in model.lookups[name].steps()):
            reads.setdefault(lookup.table, set()).update((lookup.key, lookup.column))
        for place in _places(model.measures[leaf.measure]):
            table, _, column = place.partition(".")
            reads.setdefault(table, set()).add(column)
        if leaf.where is not None:
            for other in filter_layout(leaf.where, catalog).leaves:
                # The rows that count are those of the groups that have any there.
                for owner in (catalog.models[other.model], model):
                    for name_read in _tables(owner):
                        reads.setdefault(name_read, set()).add(owner.column_of(leaf.where.by))
                for place in _places(catalog.models[other.model].measures[other.measure]):
                    table, _, column = place.partition(".")
                    reads.setdefault(table, set()).add(column)
    return reads


def _followed(model: Model, catalog: Catalog) -> set[str]:
    """The columns by which rows that are worked out of tables know each other: a customer, an install."""
    text = model.relation or ""
    bases = [catalog.models[name] for name in model.reads] if text else []
    names = {name for base in bases for name in (*base.key, *base.entities.values())}
    return {name for name in names if re.search(rf"\b{name}\b", text)}


def _vat_of(metric: Metric, catalog: Catalog, health: Health) -> Mapping[str, str]:
    """By source whether VAT is in the amounts that a metric reads; of one whose columns differ, `mixed`."""
    bases: dict[str, str] = {}
    for table, columns in columns_read(metric, catalog).items():
        money = columns & set(catalog.models[table].money)
        for source in health.of_table(table) if money else ():
            told = {basis for name, basis in source.vat.items() if name in money}
            if told:
                bases[source.source] = told.pop() if len(told) == 1 else "mixed"
    return bases


def _mixes_vat(metric: Metric, catalog: Catalog, health: Health) -> bool:
    """Whether some column of amounts that a metric adds up has VAT in it in some rows and not in others."""
    for table, columns in columns_read(metric, catalog).items():
        for name in columns & set(catalog.models[table].money):
            bases = {source.vat[name] for source in health.of_table(table) if name in source.vat}
            if len(bases) > 1 or "mixed" in bases:
                return True
    return False


def _grouping(ground: Ground) -> set[str]:
    """The columns that sort the rows into groups: those of the split and of the filters."""
    return {*ground.dimensions, *(clause.dimension for clause in ground.filters)}


def _tables(model: Model) -> tuple[str, ...]:
    return model.reads if model.relation else (model.name,)


def _places(measure: Measure) -> tuple[str, ...]:
    return (*measure.reads.needed, *measure.reads.defaulted)


def _days(resolved: Resolved, scope: Scope) -> Iterator[Days]:
    query = resolved.query
    found = leaves(resolved.metric, resolved.context.catalog)
    match scope:
        case "period":
            yield from leaf_days(resolved, query.period)
        case "comparison":
            for window in resolved.windows:
                yield from leaf_days(resolved, window.period)
        case "trend":
            for period in resolved.trend:
                yield _span(period)
        case "history":
            models = [(resolved.context.catalog.models[leaf.model], leaf.measure) for leaf in found]
            if any(_looks_ahead(model) for model, _measure in models):
                yield _BEGINNING, date.max
            elif any(_looks_back(model, measure) for model, measure in models):
                yield _BEGINNING, max(period.end for period in _periods(resolved))


def leaf_days(resolved: Resolved, period: Period) -> Iterator[Days]:
    """The days of the period itself, and those that its parts are taken of (the months before, another period)."""
    yield _span(period)
    for leaf in resolved.ground.of_other_days:
        days = days_of(leaf, period, resolved.context)
        if days is not None:
            yield days


def _periods(resolved: Resolved) -> Iterator[Period]:
    yield resolved.query.period
    yield from (window.period for window in resolved.windows)
    yield from resolved.trend


def _looks_ahead(model: Model) -> bool:
    """Whether rows that come later belong to a day: what a customer bought since, whether an app was opened again."""
    return bool(model.relation) and model.valid is None


@lru_cache(maxsize=4096)
def _looks_back(model: Model, name: str) -> bool:
    """Whether a measure depends on rows of other days: a customer's first order, what still holds, a deal won later."""
    measure = model.measures[name]
    sql = f"{measure.expr or ''} {measure.filter or ''}"
    windows = (column for column, text in model.computed.items() if " over (" in text.lower())
    dated_otherwise = measure.at is not None or measure.time not in {"", model.time}
    return model.relation is not None or dated_otherwise or any(column in sql for column in windows)


def _span(period: Period) -> Days:
    return period.start, period.end


def _partly_known(resolved: Resolved, values: Values, health: Health) -> Iterator[HealthNote]:
    """How much of a partly filled column is known in the asked days, and in those they are held against."""
    if not resolved.readable or not values.layout.shares:
        return
    others = (window.pairing.other for window in resolved.windows if window.pairing is not None)
    scoped: list[tuple[Scope, Slice]] = [("period", resolved.whole())]
    scoped += [("comparison", resolved.of(other)) for other in others]
    for scope, part in scoped:
        for model, (rows, known) in values.known_counts(part).items():
            if rows and (known or 0) < rows:
                days = _span(part.period)
                finding = _share_finding(resolved, health, model, (int(known or 0), int(rows)))
                yield HealthNote(replace(finding, days=days), scope, (known or 0) < ENOUGH * rows)


def _share_finding(resolved: Resolved, health: Health, model: str, counts: tuple[int, int]) -> Finding:
    """The columns together, named with the source that fills them least."""
    columns = [place.partition(".")[2] for place in share_columns(resolved.metric, model, resolved.context.catalog)]

    def filled(facts: SourceFacts) -> float:
        fills = [facts.columns[name] for name in columns if name in facts.columns]
        return min((fill.filled / fill.rows for fill in fills if fill.rows), default=1.0)

    facts = min(health.of_table(model), key=filled)
    absent = any(name in facts.columns and not facts.columns[name].present for name in columns)
    code: Code = "column_absent" if absent else "column_partly_filled"
    return Finding(code, facts.source, model, ", ".join(columns), count=counts[0], total=counts[1])


def _not_there(ground: Ground, reads: Mapping[str, set[str]], health: Health) -> Iterator[HealthNote]:
    """Columns that a source lacks, where the number needs them or would count them: refunds that nobody exports."""
    catalog = ground.context.catalog
    measures = [catalog.models[leaf.model].measures[leaf.measure] for leaf in leaves(ground.metric, catalog)]
    optional = {place for measure in measures for place in measure.reads.defaulted}
    grouping = _grouping(ground)
    # A column of which no value could be read is empty only in the tables: that it could not be read is said instead.
    unread = {(finding.source, finding.column) for finding in health.findings if finding.code == "values_left_empty"}
    for source in (each for each in health.sources if each.table in reads):
        for name, fill in source.columns.items():
            place = f"{source.table}.{name}"
            empty = not fill.present or (fill.rows and not fill.filled)
            if name not in reads.get(source.table, ()) or not (empty or place in ground.lacking):
                continue
            if place in ground.lacking or (place in optional and not fill.present) or name in grouping:
                code: Code = "column_empty" if fill.present else "column_absent"
                if fill.present and (source.source, name) in unread:
                    continue
                # What nobody says has ended counts as if it had not: it stands, and is held against nothing.
                running = not fill.present and catalog.models[source.table].columns[name].empty == "not_yet"
                finding = Finding(code, source.source, source.table, name, "not_yet" if running else "")
                yield HealthNote(finding, "period", running or place in ground.lacking)


def _of_nobody(ground: Ground, health: Health) -> Iterator[HealthNote]:
    """Rows without a customer, where customers are followed through rows that are worked out: there they are missing.

    Measures of the table itself count the rows in which one is known, and say how many those are.
    """
    for model, measure in _measures(ground):
        for place in measure.reads.needed if model.relation else ():
            table, _, name = place.partition(".")
            for source in health.of_table(table):
                fill = source.columns.get(name)
                entities = ground.context.catalog.models[table].entities.values()
                if name in entities and fill is not None and 0 < fill.filled < fill.rows:
                    lacking = fill.rows - fill.filled
                    finding = Finding("no_entity", source.source, table, name, count=lacking, total=fill.rows)
                    yield HealthNote(finding, "period", fill.filled < ENOUGH * fill.rows)


def _balance_notes(resolved: Resolved, values: Values, health: Health) -> Iterator[HealthNote]:
    """Whose balance is older than the end of a period, and who is left out of it."""
    if not resolved.readable or not resolved.ground.balances:
        return
    noted: set[Finding] = set()
    for scope, period in _scoped_periods(resolved):
        for balance in values.last_moments(resolved.of(period)):
            for finding in behind(balance, period, resolved.context, health):
                if finding not in noted:
                    noted.add(finding)
                    yield HealthNote(finding, scope, incomplete=True)


def _measures(ground: Ground) -> Iterator[tuple[Model, Measure]]:
    catalog = ground.context.catalog
    for leaf in leaves(ground.metric, catalog):
        yield catalog.models[leaf.model], catalog.models[leaf.model].measures[leaf.measure]


def _scoped_periods(resolved: Resolved) -> Iterator[tuple[Scope, Period]]:
    yield "period", resolved.query.period
    for window in resolved.windows:
        if window.pairing is not None:
            yield "comparison", window.pairing.current
            yield "comparison", window.pairing.other
