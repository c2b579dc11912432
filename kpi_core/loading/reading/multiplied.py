"""Columns that count in thousands and more, as their headers say: their values are made ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpi_core.frozen_dataclass import frozen
from kpi_core.layouts.multiples import multiple_of
from kpi_core.metrics import Model
from kpi_core.sql.types import WIDE_DECIMAL


@frozen
class Multiple:
    """A column of the model, the header that says so, and what a one in it stands for."""

    column: str
    header: str
    factor: int


def multiples_of(model: Model, matched: Mapping[str, str], names: Mapping[str, str]) -> Iterator[Multiple]:
    """Of the model's columns with the ones that they are read from; `names` has the header of each of these."""
    for name, place in matched.items():
        header = names.get(place, "")
        if model.columns[name].type in {"integer", "decimal"}:
            factor = multiple_of(header, of_money=name in model.money)
            if factor > 1:
                yield Multiple(name, header, factor)


def times(value: str, factor: int) -> str:
    """SQL for a number times what its one stands for, exactly; NULL where no column can hold it."""
    if factor == 1:
        return value
    digits = len(str(factor))
    product = f"CAST(({value}) AS DECIMAL({38 - digits},6)) * CAST({factor} AS DECIMAL({digits},0))"
    return f"TRY_CAST({product} AS {WIDE_DECIMAL})"
