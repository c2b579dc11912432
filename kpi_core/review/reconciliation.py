"""A number of another tool held against ours, and the difference taken apart into what can be computed.

From ours a step leads to each way in which the tool counts otherwise, one after the other, each computed from the
firm's own data; what is left between the last of them and the tool's number is named as what it is: not known. The
steps and the rest add up to the difference exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Literal

from kpi_core.answering.engine import Engine
from kpi_core.answering.layout import dimensions_of, leaves, models_of
from kpi_core.answers import Answer
from kpi_core.errors import QuestionError
from kpi_core.formula import Value, formula_of
from kpi_core.frozen_dataclass import frozen
from kpi_core.health.facts import SourceFacts
from kpi_core.loading.money.books import exact
from kpi_core.metrics import Catalog, Metric
from kpi_core.query import Filter, MetricQuery
from kpi_core.settings.values import VAT_RATES, Settings
from kpi_core.sql.spelling import folded
from kpi_core.warehouse.door import Warehouse
from kpi_core.warehouse.settling_trail import TRAIL

Cause = Literal["unmatched", "others", "refunds", "zone", "vat", "restated"]
Unknown = Literal["window", "zone", "vat", "refunds", "restated", "others"]
"""What may differ and is not computed, for the data or the answer to a question lacks."""
PLATFORM = "platform"
GROSS = "gross"


@frozen
class Claim:
    """What another tool says, in the firm's currency, and what is known of how it counts; empty where nothing is."""

    value: float
    source: str
    vat: Literal["", "with", "without"] = ""
    zone: str = ""
    read_on: date | None = None
    """The day on which the number was read there."""
    is_gross: bool = False
    """Whether refunds are still in it."""


@frozen
class Step:
    """What one way of counting otherwise makes: added to what the tool would say, it leads towards ours."""

    cause: Cause
    amount: float


@frozen
class Reconciliation:
    """`claim.value` + the amounts of `steps` - `residual` is the value of `answer`."""

    answer: Answer
    claim: Claim
    steps: tuple[Step, ...]
    residual: float
    """What the tool says beyond what it should say by all that can be computed."""
    unknown: tuple[Unknown, ...]


@frozen
class _Reading:
    """The number by all steps so far, as the tool would count it: the query, its parts, and the instant of asking."""

    engine: Engine
    definitions: Catalog
    """The catalogue as it is written, for an engine of another zone."""
    claim: Claim
    now: datetime
    query: MetricQuery
    parts: Mapping[str, Value]
    value: float
    unknown: tuple[Unknown, ...] = ()

    @property
    def metric(self) -> Metric:
        return self.engine.catalog.metrics[self.query.metric]

    def lacking(self, cause: Unknown) -> _Reading:
        """The same number, with one more cause that cannot be computed."""
        return replace(self, unknown=(*self.unknown, cause))

    def asked(self, query: MetricQuery, engine: Engine | None = None) -> _Reading | None:
        """The answer to another query; None where it has no value."""
        answer = (engine or self.engine).answer(query, self.now)
        if answer.value is None:
            return None
        return replace(self, engine=engine or self.engine, query=query, parts=answer.parts, value=answer.value)

    def with_parts(self, parts: Mapping[str, Value]) -> _Reading | None:
        value = formula_of(self.metric.formula).evaluate(parts.get)
        return None if value is None else replace(self, parts=parts, value=float(value))


def reconcile(  # noqa: PLR0913, PLR0917 - what a workspace is made of
    settings: Settings, catalog: Catalog, warehouse: Warehouse, query: MetricQuery, claim: Claim, now: datetime
) -> Reconciliation:
    """Take the difference apart. QuestionError where we have no number to hold the other against."""
    engine = Engine(settings, catalog, warehouse)
    plain = replace(query, comparisons=(), dimensions=(), trended=False, top=None, order=None)
    answer = engine.answer(plain, now)
    if answer.value is None:
        message, hint = "There is no number to hold it against.", "Name a period with data, or load its source first."
        raise QuestionError(message, code="reconcile_no_data", hint=hint)
    reading = _Reading(engine, catalog, claim, now, plain, answer.parts, answer.value)
    steps: list[Step] = []
    for cause, way in _WAYS.items():
        before = reading.value
        reading = way(reading)
        if math.isclose(reading.value, before, rel_tol=1e-12):
            reading = replace(reading, value=before)
        else:
            steps.append(Step(cause, before - reading.value))
    unknown = tuple(dict.fromkeys((*reading.unknown, *_window(reading))))
    return Reconciliation(answer, claim, tuple(steps), claim.value - reading.value, unknown)


def _unmatched(reading: _Reading) -> _Reading:
    """A tool states what it claims itself; what our own sales credit is another reading of the KPI."""
    plain, at, reads = reading.query.metric.partition("@")
    if plain != "roas" or not at or reads == GROSS:
        return reading
    return reading.asked(replace(reading.query, metric=plain)) or reading


def _others(reading: _Reading) -> _Reading:
    """A tool knows its own rows alone."""
    engine, word = reading.engine, folded(reading.claim.source)
    if PLATFORM not in dimensions_of(reading.metric, engine.catalog):
        sources = [facts for name in _tables(reading) for facts in engine.health().of_table(name)]
        alone = {facts.source for facts in sources} <= set(_own_sources(reading))
        return reading if sources and alone else reading.lacking("others")
    members = [name for name in engine.dimension_values(PLATFORM) if isinstance(name, str)]
    its = tuple(name for name in members if folded(name).startswith(word) or word.startswith(folded(name)))
    if not its:
        return reading.lacking("others")
    filters = (*reading.query.filters, Filter(PLATFORM, its))
    return reading.asked(replace(reading.query, filters=filters)) or reading.lacking("others")


def _refunds(reading: _Reading) -> _Reading:
    """Many tools count a sale as it was made, and leave it when the money goes back."""
    plain = reading.query.metric.partition("@")[0]
    gross = f"{plain}@{GROSS}"
    if gross not in reading.engine.catalog.metrics or reading.query.metric == gross:
        return reading
    if not reading.claim.is_gross:
        return reading.lacking("refunds")
    return reading.asked(replace(reading.query, metric=gross)) or reading.lacking("refunds")


def _zone(reading: _Reading) -> _Reading:
    """Days begin at another hour in another zone; those of ads are their account's and cannot be cut anew."""
    engine, zone = reading.engine, reading.claim.zone
    if not zone or zone == engine.settings.calendar.timezone:
        return reading
    models = [engine.catalog.models[name] for name in models_of(reading.metric, engine.catalog)]
    if any(model.time_type(time) == "date" for model in models for time in model.all_times()):
        return reading.lacking("zone")
    calendar = replace(engine.settings.calendar, timezone=zone)
    other = Engine(replace(engine.settings, calendar=calendar), reading.definitions, engine.warehouse)
    return reading.asked(reading.query, other) or reading.lacking("zone")


def _vat(reading: _Reading) -> _Reading:
    """Amounts with VAT are so much more than without; only where both sides are known."""
    engine, theirs = reading.engine, reading.claim.vat
    amounts = dict(_money_inputs(reading))
    if not amounts:
        units = {part.unit for part in reading.metric.inputs.values()}
        return reading.lacking("vat") if "currency" in units else reading
    bases = {name: _basis(reading, table, column) for name, (table, column) in amounts.items()}
    known_bases = {name: basis for name, basis in bases.items() if basis}
    rate = engine.settings.vat_rate or VAT_RATES.get(engine.settings.currency)
    if not theirs or not known_bases or rate is None:
        return reading.lacking("vat")
    whole = float(1 + exact(rate))
    factors = {name: whole if theirs == "with" else 1 / whole for name, basis in known_bases.items() if basis != theirs}
    parts = {
        name: value * factors[name] if value is not None and name in factors else value
        for name, value in reading.parts.items()
    }
    return reading.with_parts(parts) or reading.lacking("vat")


def _restated(reading: _Reading) -> _Reading:
    """What a service has said anew since the day on which the other number was read."""
    on = reading.claim.read_on
    sources = _own_sources(reading)
    if not sources:
        return reading
    if on is None:
        return reading.lacking("restated")
    moved = _moved_since(reading, on, sources)
    parts = {
        name: value + moved.get(places, 0.0) if value is not None and (places := _place(reading, name)) else value
        for name, value in reading.parts.items()
    }
    return reading.with_parts(parts) or reading.lacking("restated")


def _moved_since(reading: _Reading, on: date, sources: Sequence[str]) -> dict[tuple[str, str], float]:
    """By table and column: what its sum over the asked days was on a day, less what it is now."""
    engine, period = reading.engine, reading.query.period
    if not engine.warehouse.columns(TRAIL):
        return {}
    tables = {facts.source: facts.table for facts in engine.health().sources}
    sql = f"""
        SELECT source, measure, account, day, read_at, value FROM {TRAIL}
        WHERE day >= DATE '{period.start}' AND day < DATE '{period.end}' ORDER BY read_at"""  # noqa: S608 - own names
    then: dict[tuple[str, str, str, date], float] = {}
    now: dict[tuple[str, str, str, date], float] = {}
    for source, column, account, day, read_at, value in engine.warehouse.rows(sql, {}):
        if source in sources:
            key = (tables.get(source, ""), column, f"{source} {account}", day)
            now[key] = float(value)
            if engine.settings.calendar.today(read_at.replace(tzinfo=UTC)) <= on:
                then[key] = float(value)
    moved: dict[tuple[str, str], float] = {}
    for key, value in now.items():
        moved[key[:2]] = moved.get(key[:2], 0.0) + then.get(key, 0.0) - value
    return moved


def _window(reading: _Reading) -> Iterator[Unknown]:
    """In how many days after a click or a view a sale counts is a setting of the tool, which no row shows."""
    catalog = reading.engine.catalog
    for leaf in leaves(reading.metric, catalog):
        if leaf.model == "ad_performance" and catalog.models[leaf.model].measures[leaf.measure].expr in _CLAIMED:
            yield "window"


_CLAIMED = frozenset({"conversions", "conversion_value", "installs"})
_WAYS: Mapping[Cause, Callable[[_Reading], _Reading]] = {
    "unmatched": _unmatched,
    "others": _others,
    "refunds": _refunds,
    "zone": _zone,
    # Before VAT: what was restated is counted as it lies here.
    "restated": _restated,
    "vat": _vat,
}
"""From ours towards theirs, in this order; each sees what those before have made of the number."""


def _tables(reading: _Reading) -> tuple[str, ...]:
    catalog = reading.engine.catalog
    models = [catalog.models[name] for name in models_of(reading.metric, catalog)]
    return tuple(dict.fromkeys(table for model in models for table in (model.reads or (model.name,))))


def _own_sources(reading: _Reading) -> tuple[str, ...]:
    """The sources of kpi.yaml that are meant: by their name, their type or what their rows are set to."""
    word = folded(reading.claim.source)
    sources = [
        source.name
        for source in reading.engine.settings.sources
        if any(
            folded(name).startswith(word)
            for name in (source.name, source.type, source.layout or "", *source.set.values())
        )
    ]
    tables = _tables(reading)
    there = {facts.source for facts in reading.engine.health().sources if facts.table in tables}
    return tuple(name for name in sources if name in there)


def _money_inputs(reading: _Reading) -> Iterator[tuple[str, tuple[str, str]]]:
    catalog = reading.engine.catalog
    for name in reading.metric.inputs:
        place = _place(reading, name)
        if place is not None and place[1] in catalog.models[place[0]].money:
            yield name, place


def _place(reading: _Reading, name: str) -> tuple[str, str] | None:
    """The table and column that an input is the plain sum of; None where it is anything else."""
    catalog = reading.engine.catalog
    model, dot, measure = reading.metric.inputs[name].expression.partition(".")
    if not dot or model not in catalog.models or measure not in catalog.models[model].measures:
        return None
    summed = catalog.models[model].measures[measure]
    plain = summed.agg == "sum" and summed.filter is None and summed.expr in catalog.models[model].columns
    return (model, summed.expr) if plain and summed.expr else None


def _basis(reading: _Reading, table: str, column: str) -> str:
    """Whether VAT is in a column of the sources that are meant, of all of its table where none is; empty if unknown."""
    every = reading.engine.health().of_table(table)
    own = _own_sources(reading)
    meant: Sequence[SourceFacts] = [facts for facts in every if facts.source in own] or every
    bases = {facts.vat.get(column, "") for facts in meant}
    return bases.pop() if len(bases) == 1 else ""
