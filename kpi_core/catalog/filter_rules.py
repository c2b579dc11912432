"""What must hold of inputs that count only groups in which another number is so high or low."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from kpi_core.documents.yaml_file import Steps
from kpi_core.formula import FormulaError, parse_formula
from kpi_core.metrics import NO_TABLES, Catalog, Input, Measure, Metric, Model

Finding = tuple[Steps, str, str]


def filter_rules(place: Steps, part: Input, catalog: Catalog) -> Iterator[Finding]:
    """What is wrong with a filter by another number: where, what, what to do."""
    where = part.where
    assert where is not None
    if not where.bounded:
        yield (*place, "where"), "where has no bound", "Write one of above, at_least, below, at_most."
    if where.lenient and where.above != 0:
        yield place, "where and above_zero are two filters", "Keep one of the two."
    if not where.lenient and (part.offset or part.trailing_months or part.taken):
        yield (
            place,
            "a filter by another number is one of the asked days",
            "Take offset: and the like out.",
        )
    with suppress(FormulaError):
        for name in parse_formula(part.expression).names:
            yield from _counted_rules(place, name, part, catalog)
    for model in _models_of(where.metric, catalog):
        if not _has(model, where.by):
            yield place, f"{model.name} has no dimension {where.by}", "by: is a dimension or an entity of both."
    if not where.lenient and where.metric in catalog.metrics and _is_filtered(catalog.metrics[where.metric], catalog):
        yield (*place, "where"), f"{where.metric} is filtered by another number itself", "Name a KPI that is not."


def _counted_rules(place: Steps, name: str, part: Input, catalog: Catalog) -> Iterator[Finding]:
    """Groups are left out before they are added up, which is right only of what adds up."""
    assert part.where is not None
    model_name, dot, measure_name = name.partition(".")
    if not dot or model_name in NO_TABLES:
        if not part.where.lenient:
            yield place, f"{name} cannot be narrowed", "Write is: model.measure; a filter by a number narrows measures."
        return
    model = catalog.models.get(model_name)
    measure = model.measures.get(measure_name) if model else None
    if model is None or measure is None:
        return
    if not _adds_up(measure, model, part.where.by):
        yield place, f"only sums and counts add up over {part.where.by}, {name} does not", "Count another measure."
    elif not _has(model, part.where.by):
        yield place, f"{model.name} has no dimension {part.where.by}", "by: is a dimension or an entity of both."


def _adds_up(measure: Measure, model: Model, by: str) -> bool:
    """Whether groups add up: sums and counts, or how many there are of what the groups are of."""
    if measure.agg == "count_distinct":
        counts_them = (measure.expr or "").strip() == model.column_of(by)
        return counts_them and measure.having is None and measure.last_per is None and not measure.joined
    return measure.additive


def _has(model: Model, by: str) -> bool:
    return by in model.dimensions or by in model.entities


def _models_of(name: str, catalog: Catalog, above: frozenset[str] = frozenset()) -> Iterator[Model]:
    """The tables behind a measure or a KPI, as far as they are there."""
    owner, dot, _measure = name.partition(".")
    if dot and owner in catalog.models:
        yield catalog.models[owner]
    elif not dot and name in catalog.metrics and name not in above:
        for inner in _names_in(catalog.metrics[name]):
            yield from _models_of(inner, catalog, above | {name})


def _names_in(metric: Metric) -> Iterator[str]:
    for part in metric.inputs.values():
        with suppress(FormulaError):
            yield from parse_formula(part.expression).names


def _is_filtered(metric: Metric, catalog: Catalog, above: frozenset[str] = frozenset()) -> bool:
    if any(part.where is not None for part in metric.inputs.values()):
        return True
    inner = (name for name in _names_in(metric) if name in catalog.metrics and name not in above)
    return any(_is_filtered(catalog.metrics[name], catalog, above | {metric.id}) for name in inner)
