"""Columns that count in thousands and more, as their headers say: their values are made ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kpi_core.frozen_dataclass import frozen
from kpi_core.layouts.currencies import units_of
from kpi_core.layouts.multiples import multiple_of
from kpi_core.metrics import Model
from kpi_core.sources import SourceFile
from kpi_core.sql.types import WIDE_DECIMAL


@frozen
class Multiple:
    """A column of the model, the text that says so, and what a one in it stands for, from a row on and up to another.

    The text is its header, or stands above it: (단위: 천원). Rows are counted from 1; `end` is not among them.
    """

    column: str
    header: str
    factor: int
    first: int = 1
    end: int | None = None


def multiples_of(
    model: Model, matched: Mapping[str, str], names: Mapping[str, str], files: Sequence[SourceFile]
) -> Iterator[Multiple]:
    """Of the model's columns with the ones that they are read from; `names` has the header of each of these."""
    for name, place in matched.items():
        if model.columns[name].type not in {"integer", "decimal"}:
            continue
        header = names.get(place, "")
        factor = multiple_of(header, of_money=name in model.money)
        if factor > 1:
            yield Multiple(name, header, factor)
        elif name in model.money and not units_of(header):
            yield from _from_above(name, files)


def _from_above(name: str, files: Sequence[SourceFile]) -> Iterator[Multiple]:
    """What stands above the header of each file speaks for its amounts."""
    ends = [*(file.before + 1 for file in files[1:]), None]
    for file, end in zip(files, ends, strict=True):
        said = {text: factor for text in file.above if (factor := multiple_of(text, of_money=True)) > 1}
        if len(set(said.values())) == 1:
            text, factor = next(iter(said.items()))
            yield Multiple(name, text, factor, file.before + 1, end)


def times(value: str, row: str, multiples: Sequence[Multiple]) -> str:
    """SQL for a number times what its one stands for, exactly; NULL where no column can hold it. `row` is its row."""
    if not multiples:
        return value
    cases = " ".join(
        f"WHEN {row} >= {each.first}{f' AND {row} < {each.end}' if each.end else ''} THEN {each.factor}"
        for each in multiples
    )
    factor = f"CAST(CASE {cases} ELSE 1 END AS DECIMAL(13,0))"
    return f"TRY_CAST(TRY_CAST(({value}) AS DECIMAL(25,6)) * {factor} AS {WIDE_DECIMAL})"
