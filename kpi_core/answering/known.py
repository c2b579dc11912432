"""A catalogue as far as the data knows its columns: what was never filled in is not taken for 0.

A column that no source has, or that holds nothing at all, is not known: a metric that needs it has no value. One that
is filled in some rows only is known there: all measures of a metric that read the table count only the rows in which
it is, so that both sides of a ratio speak of the same rows (margin of the orders whose cost is known, ROAS of the
platforms that report revenue). Columns whose empty cells have a meaning (`empty: none`, `not_yet`; missing values of a
dimension, which are a group of their own) are neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from kpi_core.answering.layout import KNOWN, leaves, models_of
from kpi_core.formula import formula_of
from kpi_core.health.facts import Fill, Health
from kpi_core.metrics import NO_TABLES, Catalog, Measure, Metric, Model, Shares
from kpi_core.query import MetricQuery
from kpi_core.sql.quoting import quoted

ENOUGH = 0.8
"""The share of rows that must be known for a number to be called better or worse."""

Fills = Mapping[str, Fill]
"""`table.column` -> how far all sources of the table fill it."""


def fills_of(health: Health) -> Fills:
    """How far each column is filled over all sources of its table; one without the column fills none of its rows."""
    fills: dict[str, Fill] = {}
    for source in health.sources:
        for name, fill in source.columns.items():
            place = f"{source.table}.{name}"
            before = fills.get(place, Fill(present=False, rows=0, filled=0))
            present = before.present or fill.present
            fills[place] = Fill(present, before.rows + fill.rows, before.filled + fill.filled)
    return fills


def lacking(metric: Metric, catalog: Catalog, fills: Fills) -> tuple[str, ...]:
    """The columns without which a metric has no value, as `table.column`; empty for one that can be worked out."""
    needed = (name for leaf in leaves(metric, catalog) for name in _reads(catalog, leaf.model, leaf.measure))
    return tuple(dict.fromkeys(name for name in needed if _is_unknown(name, catalog, fills)))


def lacking_filters(query: MetricQuery, metric: Metric, catalog: Catalog, fills: Fills) -> tuple[str, ...]:
    """The columns that a question's filters go by and no source fills: which rows pass them is not known."""
    names = sorted({clause.dimension for clause in query.filters if clause.excludes or any(clause.values)})
    models = [catalog.models[name] for name in models_of(metric, catalog)] if names else []
    sides = [_places_of(model, name, fills) for model in models for name in names]
    # Rows that are worked out of several tables have it of one of them.
    empty = (places for places in sides if not any(fills[place].filled for place in places))
    return tuple(dict.fromkeys(place for places in empty for place in places))


def _places_of(model: Model, dimension: str, fills: Fills) -> tuple[str, ...]:
    """The columns, as `table.column`, that a model's dimension may come from, of tables with rows."""
    lookup = model.lookups.get(dimension)
    tables = model.reads if model.relation else (model.name,)
    places = (f"{lookup.table}.{lookup.column}",) if lookup else tuple(f"{table}.{dimension}" for table in tables)
    return tuple(place for place in places if place in fills and fills[place].rows)


def known_catalog(catalog: Catalog, fills: Fills) -> Catalog:
    """The catalogue whose metrics count only rows in which their columns are known; the same one where all are."""
    partly = frozenset(name for name in fills if _is_partly_known(name, catalog, fills))
    if not partly:
        return catalog
    models = dict(catalog.models)
    metrics = {metric_id: _of_known_rows(metric, models, partly) for metric_id, metric in catalog.metrics.items()}
    return replace(catalog, models=models, metrics=metrics)


def _reads(catalog: Catalog, model: str, measure: str) -> tuple[str, ...]:
    return catalog.models[model].measures[measure].reads.needed


def _is_unknown(place: str, catalog: Catalog, fills: Fills) -> bool:
    fill = fills.get(place)
    if fill is None or not fill.rows:
        return False
    return not fill.present or (not fill.filled and not _has_meaning_empty(place, catalog))


def _is_partly_known(place: str, catalog: Catalog, fills: Fills) -> bool:
    fill = fills[place]
    return 0 < fill.filled < fill.rows and not _has_meaning_empty(place, catalog)


def _has_meaning_empty(place: str, catalog: Catalog) -> bool:
    table, _, name = place.partition(".")
    model = catalog.models.get(table)
    if model is None or name in model.dimensions or name not in model.columns:
        return True
    # A date beside the model's own is when something happened that need not have happened yet.
    return bool(model.columns[name].empty) or model.columns[name].type in {"date", "timestamp"}


def _of_known_rows(metric: Metric, models: dict[str, Model], partly: frozenset[str]) -> Metric:
    """The metric with its measures narrowed to known rows; `models` gets the measures that this takes."""
    renamed: dict[str, str] = {}
    shares: dict[str, Shares] = {}
    for name, measures in _measures_by_model(metric).items():
        model = models.get(name)
        if model is None or model.relation:
            # Rows that are worked out from several tables are not narrowed; what lacks is said all the same.
            continue
        columns = sorted({place for own in measures for place in model.measures[own].reads.needed} & partly)
        if columns:
            condition = " and ".join(quoted(place.partition(".")[2]) + " is not null" for place in columns)
            narrowed = {own: _narrowed(model.measures[own], columns, condition) for own in measures}
            counts = _counts(model.measures[measures[0]], columns, condition)
            added = {measure.name: measure for measure in (*narrowed.values(), *counts)}
            models[name] = replace(model, measures={**model.measures, **added})
            renamed |= {f"{name}.{own}": f"{name}.{measure.name}" for own, measure in narrowed.items()}
            rows, known = counts
            shares[name] = Shares(rows.name, known.name, tuple(columns))
    if not renamed:
        return metric
    inputs = {
        name: replace(part, expression=_with_names(part.expression, renamed)) for name, part in metric.inputs.items()
    }
    return replace(metric, inputs=inputs, shares=shares)


def _measures_by_model(metric: Metric) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for model, measure in _names(metric):
        measures = found.setdefault(model, [])
        if measure not in measures:
            measures.append(measure)
    return found


def _names(metric: Metric) -> Iterator[tuple[str, str]]:
    for part in metric.inputs.values():
        for name in formula_of(part.expression).names:
            model, dot, measure = name.partition(".")
            if dot and model not in NO_TABLES:
                yield model, measure


def _narrowed(measure: Measure, columns: Iterable[str], condition: str) -> Measure:
    clause = f"({measure.filter}) and {condition}" if measure.filter else condition
    return replace(measure, name=_name(measure.name, columns), filter=clause)


def _counts(measure: Measure, columns: Iterable[str], condition: str) -> tuple[Measure, Measure]:
    """How many rows there are, and in how many of them the columns are known: dated as a measure is."""
    rows = Measure("kpi_rows", "count", time=measure.time)
    if measure.time:
        rows = replace(rows, name=f"kpi_rows_{measure.time}")
    return rows, replace(rows, name=_name(rows.name, columns), filter=condition)


def _name(measure: str, columns: Iterable[str]) -> str:
    return measure + KNOWN + "__".join(place.partition(".")[2] for place in columns)


def _with_names(expression: str, renamed: Mapping[str, str]) -> str:
    return re.sub(r"[^\W\d]\w*\.\w+", lambda match: renamed.get(match[0], match[0]), expression)
