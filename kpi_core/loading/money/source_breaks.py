"""The definition breaks of a source: those whose step is exact are taken out, the others written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kpi_core.health.breaks import Break
from kpi_core.layouts.declared_breaks import DeclaredBreak, named_breaks
from kpi_core.loading.money.amounts import VatStep
from kpi_core.metrics import Model
from kpi_core.settings.source_types import source_types
from kpi_core.settings.values import Source


def declared_breaks(source: Source, named: Iterable[str] = ()) -> tuple[DeclaredBreak, ...]:
    """Those of a source: its own, those of its type, and others by name, such as those of its layout."""
    kind = source_types().get(source.type)
    connection = kind.connection if kind else None
    names = dict.fromkeys((*(connection.breaks if connection else ()), *named))
    return (*source.breaks, *(named_breaks()[name] for name in names))


def vat_steps(breaks: Iterable[DeclaredBreak], model: Model) -> dict[str, VatStep]:
    """By column of amounts: the day on which just its VAT changed. Of several the last one declared counts."""
    return {
        column: VatStep(declared.since, declared.vat.was, declared.vat.now)
        for declared in breaks
        if declared.vat is not None
        for column in declared.columns_of(model.name)
        if column in model.money
    }


def breaks_of(
    breaks: Iterable[DeclaredBreak], source: Source, model: Model, present: Iterable[str], constants: Mapping[str, str]
) -> tuple[Break, ...]:
    """What is written down of breaks, as far as the source has their columns; `constants` are the same in all rows."""
    there = frozenset(present)
    where = {name: text for name, text in constants.items() if name in model.dimensions and name not in source.values}
    by_day: dict[tuple[object, ...], Break] = {}
    for declared in breaks:
        columns = tuple(name for name in declared.columns_of(model.name) if name in there)
        adjusted = declared.vat is not None and all(name in model.money for name in columns)
        if columns:
            new = Break(declared.since, source.name, model.name, columns, declared.text, where, adjusted)
            by_day[declared.since, columns] = new
    return tuple(by_day.values())
