"""Columns that count in other than ones by their headers (thousands, cents, minutes): their values become ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from kpi_core.frozen_dataclass import frozen
from kpi_core.layouts.currencies import units_of
from kpi_core.layouts.multiples import multiple_of, part_of, seconds_of
from kpi_core.metrics import Model
from kpi_core.sources import SourceFile
from kpi_core.sql.types import WIDE_DECIMAL

_OF_SECONDS = "_seconds"
"""What the names of columns of durations end with."""


@frozen
class Multiple:
    """A column of the model, the text that says so, and what a one in it stands for, from a row on and up to another.

    The text is its header, or stands above it: (단위: 천원). Rows are counted from 1; `end` is not among them.
    """

    column: str
    header: str
    factor: Fraction
    first: int = 1
    end: int | None = None

    @property
    def unit(self) -> str:
        """What a one stands for, as people write it: 1,000."""
        return f"{self.factor.numerator:,}" if self.factor > 1 else f"{float(self.factor):f}".rstrip("0")


def multiples_of(
    model: Model, matched: Mapping[str, str], names: Mapping[str, str], files: Sequence[SourceFile]
) -> Iterator[Multiple]:
    """Of the model's columns with the ones that they are read from; `names` has the header of each of these."""
    for name, place in matched.items():
        if model.columns[name].type not in {"integer", "decimal"}:
            continue
        header, is_money = names.get(place, ""), name in model.money
        factor = Fraction(multiple_of(header, of_money=is_money))
        factor *= part_of(header) if is_money else seconds_of(header) if name.endswith(_OF_SECONDS) else 1
        if factor != 1:
            yield Multiple(name, header, factor)
        elif is_money and not units_of(header):
            yield from _from_above(name, files)


def _from_above(name: str, files: Sequence[SourceFile]) -> Iterator[Multiple]:
    """What stands above the header of each file speaks for its amounts."""
    ends: list[int | None] = [*(file.before + 1 for file in files[1:]), None]
    # What comes from no file has nothing above it.
    for file, end in zip(files, ends, strict=bool(files)):
        units = {text: factor for text in file.above if (factor := multiple_of(text, of_money=True)) > 1}
        if len(set(units.values())) == 1:
            text, factor = next(iter(units.items()))
            yield Multiple(name, text, Fraction(factor), file.before + 1, end)


def times(value: str, row: str, multiples: Sequence[Multiple]) -> str:
    """SQL for a number times what its one stands for, exactly; NULL where no column can hold it. `row` is its row."""
    if not multiples:
        return value
    is_part = multiples[0].factor < 1
    cases = " ".join(
        f"WHEN {row} >= {multiple.first}{f' AND {row} < {multiple.end}' if multiple.end else ''} "
        f"THEN CAST({multiple.unit.replace(',', '')} AS {'DECIMAL(6,6)' if is_part else 'DECIMAL(13,0)'})"
        for multiple in multiples
    )
    whole = "" if is_part else " ELSE 1"
    return f"TRY_CAST(TRY_CAST(({value}) AS DECIMAL(25,6)) * CASE {cases}{whole} END AS {WIDE_DECIMAL})"
