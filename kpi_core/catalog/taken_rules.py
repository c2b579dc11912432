"""What must hold of inputs that are taken of other days than the asked ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from kpi_core.documents.yaml_file import Steps
from kpi_core.formula import FormulaError, parse_formula
from kpi_core.metrics import NO_TABLES, Catalog, Input


def taken_rules(place: Steps, part: Input, catalog: Catalog) -> Iterator[tuple[Steps, str, str]]:
    """What is wrong with the days of an input: where, what, what to do."""
    taken = part.taken
    if taken is None:
        return
    if taken.window is not None and taken.grain_to_date is not None:
        yield (*place, "grain_to_date"), "window and grain_to_date are two beginnings", "Keep one of the two."
    if taken.period_agg == "first" and taken.window is None and taken.grain_to_date is None:
        yield (*place, "period_agg"), "period_agg needs window or grain_to_date", "Take it out, or add one of them."
    if part.offset is not None or part.trailing_months is not None:
        hint = "Write offset_window: instead of offset:, window: instead of trailing_months:."
        yield place, "offset and trailing_months do not go with other lengths of time", hint
    # A period before is one of a kind, which a moved period is no more.
    inner = next(_by_kind_below(part, catalog, frozenset()), None)
    if inner:
        hint = f"Give {inner} an offset_window: or window: instead."
        yield place, f"{inner} goes by the kind of the asked period, which is another one here", hint


def _by_kind_below(part: Input, catalog: Catalog, above: frozenset[str]) -> Iterator[str]:
    """The KPIs inside an input that are themselves taken of another period, by its kind."""
    names: tuple[str, ...] = ()
    with suppress(FormulaError):
        names = parse_formula(part.expression).names
    for name in names:
        metric = catalog.metrics.get(name)
        if metric is None or name in above or name.partition(".")[0] in NO_TABLES:
            continue
        if any(each.offset or each.trailing_months for each in metric.inputs.values()):
            yield name
        for each in metric.inputs.values():
            yield from _by_kind_below(each, catalog, above | {name})
