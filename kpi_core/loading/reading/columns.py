"""How each column of a model is read from a source: by its type, and by the style that its texts prove or declare."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Any

from kpi_core.frozen_dataclass import frozen
from kpi_core.loading.reading.casting import cast_sql, present_sql
from kpi_core.loading.reading.eras import common_era_sql, has_eras, says_republic
from kpi_core.loading.reading.layers import Reading, WrittenBy, beside
from kpi_core.loading.reading.meanings import as_text, translated, words_of
from kpi_core.loading.reading.numerals import Decimal, NumberColumn, number_reading, number_styles, of_one_writer
from kpi_core.loading.reading.quick_forms import first_texts
from kpi_core.loading.reading.texts import named_sql, somebody_sql, something_sql, trimmed_sql
from kpi_core.loading.reading.written_days import (
    Clock,
    DayColumn,
    are_iso_days,
    day_reading,
    day_styles,
    month_days_sql,
)
from kpi_core.metrics import Column
from kpi_core.sql.spelling import folded

Run = Callable[[str], list[tuple[Any, ...]]]
"""Runs DuckDB SQL; the rows."""
Layers = tuple[tuple[str, ...], ...]
"""Columns as `expression AS name`; each layer may use those before."""


@frozen
class Declared:
    """What is known of a source's texts beforehand: from kpi.yaml, and from who wrote them."""

    clock: Clock
    decimal: Decimal = ""
    written_by: WrittenBy = "people"
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Model column -> what stands in the source -> what it means."""
    whole_money: frozenset[str] = frozenset()
    """Columns of amounts in a currency that has no three places."""
    own_currency: str = ""
    """The firm's."""
    months: frozenset[str] = frozenset()
    """Columns of days in which a month stands for its first day: what is entered or planned by the month."""
    owners: frozenset[str] = frozenset()
    """Columns that say whose a row is, and may be empty: a guest is nobody."""
    keys: frozenset[str] = frozenset()
    """Columns by which rows are told apart."""
    republic: frozenset[str] = frozenset()
    """Columns of days whose file says that it counts the years of the Republic: 115 is 2026."""
    zones: Mapping[str, str] = field(default_factory=dict)
    """Column -> where its times without an offset are read, where that is not the clock's."""


def readings(columns: Mapping[str, tuple[Column, str, str]], rows: str, run: Run, declared: Declared) -> list[Reading]:
    """How each column is read, in their order.

    `columns`: the model's column, the SQL of the source's, and its DuckDB type, by the name of the model's; `rows` is
    the query that they are read from.
    """
    columns = {name: _mapped(*column, rows, run, declared.values.get(name, {})) for name, column in columns.items()}
    numbers: dict[str, NumberColumn] = {}
    days: dict[str, DayColumn] = {}
    before: dict[str, Layers] = {}
    for place, (name, (column, sql, raw)) in enumerate(columns.items()):
        if column.type in {"date", "timestamp"}:
            day, before[name] = sql, ()
            if raw == "VARCHAR":
                day, before[name] = _day_text(name, place, sql, rows, run, declared)
            days[name] = DayColumn(f"kpi_day_{place}", day, raw, column.type)
        elif column.type in {"integer", "decimal"} and raw == "VARCHAR":
            numbers[name] = NumberColumn(f"kpi_number_{place}", sql, column.type, name in declared.whole_money)
    decimals = number_styles(tuple(numbers.values()), rows, run, declared.decimal, declared.written_by)
    if declared.clock.one_writer:
        decimals = of_one_writer(decimals)
    dated = beside(rows, [layer for layers in before.values() for layer in layers])
    orders = day_styles(tuple(days.values()), dated, run, declared.clock)
    made: list[Reading] = []
    for name, (column, sql, raw) in columns.items():
        if name in numbers:
            number = numbers[name]
            made.append(number_reading(number, decimals[number.name], declared.decimal, declared.written_by))
        elif name in days:
            clock = replace(declared.clock, zone=declared.zones.get(name, declared.clock.zone))
            day_read = day_reading(days[name], orders[days[name].name], clock)
            made.append(replace(day_read, layers=(*before[name], *day_read.layers)))
        else:
            word = _word_reading(column, sql, raw, rows, run)
            made.append(replace(word, value=_meant_sql(word.value, name, declared)) if column.type == "text" else word)
    return made


def _meant_sql(text: str, name: str, declared: Declared) -> str:
    """SQL for a text where it names something: a customer, a key."""
    return somebody_sql(text) if name in declared.owners else named_sql(text) if name in declared.keys else text


def _day_text(  # noqa: PLR0913, PLR0917  (a column, where it stands, and what stands in it)
    name: str, place: int, sql: str, rows: str, run: Run, declared: Declared
) -> tuple[str, Layers]:
    """A text column of days in the common count of years, with days for months where they stand for them.

    Each in a layer of its own: whatever reads it names it many times, and SQL within SQL grows beyond all bounds.
    """
    layers: list[tuple[str, ...]] = []
    # SQL for a month's name, or an era's, takes longer to plan than a small file takes to load.
    texts = first_texts(sql, rows, run)
    is_republic = name in declared.republic or says_republic(texts)
    if is_republic or has_eras(texts):
        layers.append((f"{common_era_sql(sql, is_republic=is_republic)} AS kpi_era_{place}",))
        sql = f"kpi_era_{place}"
    if name in declared.months and not are_iso_days(sql, beside(rows, layers), run):
        layers.append((f"{month_days_sql(sql)} AS kpi_month_{place}",))
        sql = f"kpi_month_{place}"
    return sql, tuple(layers)


def _mapped(  # noqa: PLR0913, PLR0917  (a column, where it stands, and what stands in it)
    column: Column, sql: str, raw: str, rows: str, run: Run, values: Mapping[str, str]
) -> tuple[Column, str, str]:
    """A column with the meanings that the source declares in the place of its texts."""
    meanings = {folded(text): meaning for text, meaning in values.items()}
    return (
        (column, f"({translated(as_text(sql, raw), meanings, rows, run)})", "VARCHAR")
        if meanings
        else (column, sql, raw)
    )


def _word_reading(column: Column, sql: str, raw: str, rows: str, run: Run) -> Reading:
    """How a column of texts, or of yes and no, is read."""
    if raw != "VARCHAR":
        return Reading(cast_sql(sql, raw, column.type), f"({present_sql(sql, raw)}) IS NOT NULL")
    text = translated(trimmed_sql(sql), words_of(column), rows, run)
    if column.type == "text":
        return Reading(text, f"{trimmed_sql(sql)} IS NOT NULL", takes_any=True)
    return Reading(
        f"CASE {text} WHEN 'true' THEN true WHEN 'false' THEN false END", f"{something_sql(sql)} IS NOT NULL"
    )
