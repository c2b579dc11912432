"""What must hold between definitions: names that exist, formulas that fit their type, no circles, no stolen alias."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress

from kpi_core.catalog.filter_rules import filter_rules
from kpi_core.catalog.lookups import broken_lookup
from kpi_core.catalog.taken_rules import taken_rules
from kpi_core.catalog.time_types import mixes_kinds
from kpi_core.documents.yaml_file import Document, Steps
from kpi_core.errors import Problem, did_you_mean
from kpi_core.formula import FormulaError, divisor_of, parse_formula
from kpi_core.metrics import GOAL, NO_TABLES, PARAMETER, PARAMETERS, PERIOD, Catalog, Input, Measure, Metric, Model
from kpi_core.sql.spelling import folded

_WORD = re.compile(r"\w+")
Finding = tuple[Steps, str, str]
"""Where in the file, what is wrong, what to do."""


def broken_rules(
    catalog: Catalog, metrics: Mapping[str, Document], models: Mapping[str, Document], own: Collection[str] = ()
) -> list[Problem]:
    """Every broken rule of the catalogue, by file. `own` names the KPIs of the team's folders, built-in ids too."""
    problems: list[Problem] = []
    for model in catalog.models.values():
        problems += [models[model.name].problem(*finding) for finding in _model_rules(model, catalog)]
    for metric in catalog.metrics.values():
        document = metrics[metric.variant_of or metric.id]
        problems += [document.problem(*finding) for finding in _metric_rules(metric, catalog)]
    problems += [metrics[metric_id].problem(*finding) for metric_id, finding in _alias_rules(catalog, metrics, own)]
    return problems


def _model_rules(model: Model, catalog: Catalog) -> Iterator[Finding]:
    columns = {*model.columns, *model.computed}
    yield from _time_rules(model, catalog)
    yield from _kind_rules(model)
    for place, names in (("key", model.key), ("dimensions", model.dimensions), ("entities", model.entities.values())):
        for name in names:
            if name not in (columns if place == "dimensions" else model.columns):
                yield (place,), f"{place}: {model.name} has no column {name}", _near(name, columns)
    yield from _relation_rules(model, catalog)
    yield from _word_rules(model)
    for name in model.computed:
        if name in model.columns:
            yield ("computed", name), f"computed: {name} is a column already", "Call it otherwise."
    circle = _computed_circle(model)
    if circle:
        hint = f"Break the circle {' → '.join(circle)}."
        yield ("computed", circle[0]), f"{circle[0]} is computed from itself", hint
    for measure in model.measures.values():
        yield from _measure_rules(model, measure, catalog)


def _time_rules(model: Model, catalog: Catalog) -> Iterator[Finding]:
    """Facts have a time, look-ups have none."""
    if model.primary_entity:
        yield from broken_lookup(model, catalog.models)
    if model.primary_entity and not model.measures:
        return
    if not model.time:
        yield (
            (),
            "time is missing",
            "Add time: the column that dates a row, or primary_entity: for a look-up.",
        )
    elif model.time not in model.columns or model.columns[model.time].type not in {"date", "timestamp"}:
        message = f"time: {model.time} is no date or timestamp column of {model.name}"
        yield ("time",), message, _near(model.time, {*model.columns, *model.computed})


def _kind_rules(model: Model) -> Iterator[Finding]:
    """A time is a date or an instant: as an instant, the date 1 November would be an evening of October in New York."""
    from sqlglot.errors import SqlglotError

    for name, sql in model.times.items():
        # SQL that cannot be read is told where it is tried.
        with suppress(SqlglotError):
            if mixes_kinds(sql, model):
                hint = "Make its instants dates, cast(… as date), or give each a time of its own."
                yield ("times", name), f"{name} mixes dates and instants", hint


def _word_rules(model: Model) -> Iterator[Finding]:
    """A word means one thing; a column of yes and no knows no third."""
    for name, column in model.columns.items():
        meanings: dict[str, str] = {}
        for word, written in column.words.items():
            if column.type not in {"text", "boolean"} or (column.type == "boolean" and word not in {"true", "false"}):
                hint = 'Only columns of text have words; a boolean has "true" and "false".'
                yield ("columns", name, "words"), f"words: {name} is a {column.type}", hint
            for text in (word, *written):
                other = meanings.setdefault(folded(text), word)
                if other != word:
                    yield ("columns", name, "words", word), f"words: {text} means {other} already", "Write it once."


def _relation_rules(model: Model, catalog: Catalog) -> Iterator[Finding]:
    """What stands in for a table reads tables that are there; what holds for a while says so by its own columns."""
    if model.relation and not model.reads:
        yield ("relation",), "relation needs reads:", "Name the models whose tables it reads: reads: [orders]."
    for number, name in enumerate(model.reads):
        base = catalog.models.get(name)
        if base is None:
            yield ("reads", number), f"there is no model {name}", _near(name, set(catalog.models))
        elif base.relation:
            hint = f"Name its tables: {', '.join(base.reads)}."
            yield ("reads", number), f"{name} is no table, it is made of others itself", hint
    for number, name in enumerate(model.may_lack):
        if name not in model.reads:
            yield ("may_lack", number), f"{model.name} does not read {name}", _near(name, set(model.reads))
    if model.valid:
        for part in ("start", "end", "entity"):
            name = getattr(model.valid, part)
            if name not in model.columns:
                yield ("valid", part), f"valid: {model.name} has no column {name}", _near(name, set(model.columns))


def _computed_circle(model: Model) -> tuple[str, ...]:
    """The way from a computed column through others back to itself, both ends named; empty where there is none."""
    reads = {name: set(_WORD.findall(sql)) & model.computed.keys() for name, sql in model.computed.items()}
    if not _way_round(reads):
        return ()
    from sqlglot.errors import SqlglotError

    from kpi_core.sql.rows import columns_of

    # A word of the SQL may be no column: a text, a comment, a function. Only now it is worth reading it properly.
    for name, sql in model.computed.items():
        try:
            reads[name] &= columns_of(sql)
        except SqlglotError:
            reads[name] = set()
    return _way_round(reads)


def _way_round(reads: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """The shortest way from the first name that leads back to itself."""
    for start in reads:
        ways: dict[str, tuple[str, ...]] = {start: (start,)}
        waiting = [start]
        # Breadth first, the list growing while it is walked: the first way back is the shortest.
        for current in waiting:
            for name in sorted(reads.get(current, ())):
                if name == start:
                    return (*ways[current], name)
                if name not in ways:
                    ways[name] = (*ways[current], name)
                    waiting.append(name)
    return ()


def _measure_rules(model: Model, measure: Measure, catalog: Catalog) -> Iterator[Finding]:
    place: Steps = ("measures", measure.name)
    times = {*model.columns, *model.times}
    if measure.time and measure.time not in times:
        yield (*place, "time"), f"{model.name} has no time {measure.time}", _near(measure.time, times)
    if measure.having and measure.agg != "count":
        hint = "Write agg: count; filter: says which rows are counted."
        yield (*place, "having"), f"having counts those with so many rows, {measure.agg} counts no rows", hint
    if measure.having and measure.having.per not in model.entities:
        hint = _near(measure.having.per, set(model.entities))
        yield (*place, "having"), f"{model.name} has no entity {measure.having.per}", hint
    yield from _days_rules(model, measure)
    yield from _percentile_rules(measure)
    if measure.at and not model.valid:
        yield (*place, "at"), f"{model.name} does not say how long its rows hold", "Add valid: start, end and entity."
    if not measure.expr and measure.agg != "count":
        yield place, f"{measure.name}: {measure.agg} needs expr", "Say which column: expr: revenue"
    for number, name in enumerate(measure.reveals or ()):
        owner, _dot, revealed = name.rpartition(".")
        measures = catalog.models[owner or model.name].measures if (owner or model.name) in catalog.models else {}
        if revealed not in measures:
            yield (*place, "reveals", number), f"there is no measure {name}", _near(revealed, set(measures))


def _percentile_rules(measure: Measure) -> Iterator[Finding]:
    place: Steps = ("measures", measure.name)
    if (measure.agg == "percentile") != (measure.agg_params is not None):
        hint = "Write agg: percentile with agg_params: {percentile: 0.95}."
        yield place, f"{measure.name}: agg: percentile and agg_params: go together", hint
    elif measure.agg_params is not None and not 0 < measure.agg_params.percentile < 1:
        yield (*place, "agg_params"), "a percentile lies between 0 and 1", "Write 0.95 for the 95th."


def _days_rules(model: Model, measure: Measure) -> Iterator[Finding]:
    """What says how a measure's rows meet the asked days."""
    place: Steps = ("measures", measure.name)
    for name in measure.last_per or ():
        if name not in model.columns:
            yield (*place, "last_per"), f"{model.name} has no column {name}", _near(name, set(model.columns))
    if measure.non_additive_dimension is not None:
        yield from _non_additive_rules(model, measure, place)
    if measure.carried_days is not None and measure.last_per is None:
        yield (*place, "carried_days"), "only a balance is carried", "Add last_per: the columns of its members."
    for number, name in enumerate(measure.needs):
        if name not in model.may_lack:
            yield (*place, "needs", number), f"{model.name} may not lack {name}", _near(name, set(model.may_lack))
    if measure.ahead and not measure.spread:
        yield (*place, "ahead"), "only what is spread counts ahead", "Add spread: true."


def _non_additive_rules(model: Model, measure: Measure, place: Steps) -> Iterator[Finding]:
    assert measure.non_additive_dimension is not None
    place = (*place, "non_additive_dimension")
    for name in measure.non_additive_dimension.window_groupings:
        if name not in model.columns:
            yield place, f"{model.name} has no column {name}", _near(name, set(model.columns))
    beside = {"last_per": measure.last_per, "having": measure.having, "matures": measure.matures, "at": measure.at}
    others = [name for name, key in beside.items() if key is not None] + (["spread"] if measure.spread else [])
    for other in others:
        yield place, f"it does not go with {other}", "Keep one of the two."
    if measure.reads_period_start:
        yield place, "it does not go with period_start", "Take it out of the SQL."


def _metric_rules(metric: Metric, catalog: Catalog) -> Iterator[Finding]:
    place = _place(metric)
    try:
        formula = parse_formula(metric.formula)
    except FormulaError as error:
        # In its formula nothing more can be checked: the rules below would speak of names that it may not have.
        yield (*place, "formula"), str(error), "Write arithmetic over the inputs, such as spend / new_customers."
        return
    for name in formula.names:
        if name not in metric.inputs:
            yield (*place, "formula"), f"the formula uses {name}, which is no input", _near(name, set(metric.inputs))
    for name, metric_input in metric.inputs.items():
        if name not in formula.names:
            yield (*place, "inputs"), f"the input {name} is not used in the formula", "Take it out or use it."
        yield from _input_rules(metric, metric_input, catalog)
    for name, metric_input in metric.inputs.items():
        yield from taken_rules((*place, "inputs", name), metric_input, catalog)
    expected = _type_of(metric)
    if metric.type in {"simple", "ratio", "derived"} and expected != metric.type:
        message = f"{metric.formula} makes a metric of type {expected}, not {metric.type}"
        yield (*place, "type"), message, f"Write type: {expected}{' in the variant' if metric.variant_of else ''}."
    yield from _display_rules(metric, catalog)
    circle = _circle(metric, catalog)
    if circle:
        hint = f"Break the circle {' → '.join(circle)}."
        yield (*place, "inputs"), f"{metric.id} is computed from itself", hint


def _display_rules(metric: Metric, catalog: Catalog) -> Iterator[Finding]:
    if metric.unit == "duration" and metric.duration_unit is None:
        yield (*_place(metric), "unit"), "a duration needs its unit", "Add duration_unit: seconds, days or months."
    if metric.variant_of:
        return
    if metric.fallback and metric.fallback not in metric.variants:
        hint = _near(metric.fallback, set(metric.variants)) or "Only a variant of the KPI itself can answer for it."
        yield ("fallback",), f"{metric.id} has no variant {metric.fallback}", hint
    for name in metric.split:
        if name not in catalog.dimensions:
            yield ("split",), f"there is no dimension {name}", _near(name, set(catalog.dimensions))


def _place(metric: Metric) -> Steps:
    return ("variants", metric.id.partition("@")[2]) if metric.variant_of else ()


def _input_rules(metric: Metric, metric_input: Input, catalog: Catalog) -> Iterator[Finding]:
    place: Steps = (*_place(metric), "inputs", metric_input.name)
    try:
        names = parse_formula(metric_input.expression).names
    except FormulaError as error:
        yield place, str(error), "Write arithmetic over model.measure and KPI ids."
        return
    if metric_input.where is not None:
        yield from filter_rules(place, metric_input, catalog)
    for name in (*names, *([metric_input.where.metric] if metric_input.where else [])):
        model, dot, measure = name.partition(".")
        if dot and model in NO_TABLES:
            yield from _number_rules(place, model, measure)
        elif not dot and name not in catalog.metrics:
            yield place, f"there is no KPI {name}", _near(name, set(catalog.metrics))
        elif dot and model not in catalog.models:
            yield place, f"there is no model {model}", _near(model, set(catalog.models))
        elif dot and measure not in catalog.models[model].measures:
            yield place, f"{model} has no measure {measure}", _near(measure, set(catalog.models[model].measures))


def _number_rules(place: Steps, model: str, name: str) -> Iterator[Finding]:
    names = {PERIOD: {"days", "months"}, GOAL: {"met", "held"}, PARAMETER: set(PARAMETERS)}[model]
    if name not in names:
        yield place, f"there is no {model}.{name}", _near(name, names)


def _type_of(metric: Metric) -> str:
    """What the formula makes the metric: one input alone, a division of one by another, or anything else."""
    formula = parse_formula(metric.formula)
    if len(formula.names) == 1 and formula.text == formula.names[0]:
        only = metric.inputs.get(formula.names[0])
        return "cumulative" if only is not None and only.taken is not None and only.taken.cumulative else "simple"
    divisor = divisor_of(formula)
    # Growth, (a - b) / b, has two inputs as well, yet is no share of one in the other.
    divides_once = divisor is not None and re.findall(r"[\w.]+", formula.text).count(divisor) == 1
    return "ratio" if divides_once and len(formula.names) == 2 else "derived"


def _circle(metric: Metric, catalog: Catalog) -> tuple[str, ...]:
    """The shortest way from a KPI through others back to itself, both ends named; empty where there is none."""
    reads: dict[str, set[str]] = {}
    waiting = [metric.id]
    for name in waiting:
        below = catalog.metrics.get(name)
        if below and name not in reads:
            reads[name] = set(_kpis_in(below))
            waiting += reads[name]
    circle = _way_round(reads)
    # A circle further down is reported where it lies, not by every KPI that uses one of it.
    return circle if circle[:1] == (metric.id,) else ()


def _kpis_in(metric: Metric) -> Iterator[str]:
    """The names in a KPI's inputs, as far as they can be read."""
    for metric_input in metric.inputs.values():
        with suppress(FormulaError):
            yield from parse_formula(metric_input.expression).names


def _alias_rules(
    catalog: Catalog, metrics: Mapping[str, Document], own: Collection[str]
) -> Iterator[tuple[str, Finding]]:
    """A word may stand for two KPIs only where both say so (`shared_aliases`); a built-in KPI had its words first."""
    owners: dict[str, list[str]] = defaultdict(list)
    # Built-in KPIs first, so that the team's file is the one with the problem.
    for metric in sorted(catalog.kpis(), key=lambda kpi: kpi.id in own):
        for word in {text.casefold() for text in (*metric.aliases, *metric.names.values(), metric.id)}:
            owners[word].append(metric.id)
    for word, ids in owners.items():
        for metric_id in ids[1:]:
            place = _place_of_word(word, metrics[metric_id])
            if place[0] != "shared_aliases":
                hint = "Choose another word, or list it under shared_aliases in both so that the question asks back."
                yield metric_id, (place, f'"{word}" is already a word for {ids[0]}', hint)


def _place_of_word(word: str, document: Document) -> Steps:
    """Where a KPI's file says a word: as shared, among its aliases, as a name, or as its id."""
    definition = document.value
    assert isinstance(definition, Mapping)
    for key in ("shared_aliases", "aliases", "names"):
        entries = definition.get(key) or ()
        for step, entry in entries.items() if isinstance(entries, Mapping) else enumerate(entries):
            if entry.casefold() == word:
                return key, step
    return ("id",)


def _near(word: str, candidates: set[str]) -> str:
    near = did_you_mean(word, sorted(candidates))
    if near:
        return f"Did you mean {' or '.join(near)}?"
    return f"Known: {', '.join(sorted(candidates)[:12])}." if candidates else ""
