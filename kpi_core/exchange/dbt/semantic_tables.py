"""A semantic model as a table of ours: facts with measures, a look-up, or both."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kpi_core.exchange.carried import META, NotCarriedError, Written
from kpi_core.exchange.dbt.written_forms import table_of
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import ColumnType

_COLUMN = re.compile(r"[A-Za-z_]\w*")
_COARSE = frozenset({"day", "week", "month", "quarter", "year"})
_TYPES: tuple[tuple[str, ColumnType], ...] = (
    (r"bool", "boolean"),
    (r"timestamp|datetime", "timestamp"),
    (r"date", "date"),
    (r"(tiny|small|big)?int(eger|64|8|4|2)?\b", "integer"),
    (r"dec|num|double|float|real|money", "decimal"),
)


_ORDER = (
    "model", "description", "primary_entity", "key", "time", "times", "sparse", "plan", "lumpy", "columns", "computed",
    "entities", "valid", "dimensions", "measures",
)  # fmt: skip


@frozen
class Table:
    """A semantic model: SQL behind each name that queries and filters use."""

    written: Written
    name: str
    table: str
    primary: str
    """The entity of which it has one row each; empty where it has none."""
    time: str
    """The name of the dimension that dates its measures."""
    entities: Mapping[str, str]
    foreign: frozenset[str]
    dimensions: Mapping[str, Mapping[str, Any]]
    measures: Mapping[str, Mapping[str, Any]]
    types: Mapping[str, str]

    def sql_of(self, name: str) -> str:
        """The SQL of a dimension or an entity. NotCarriedError for a name that it does not have."""
        if name in self.dimensions:
            return str(self.dimensions[name].get("expr") or name)
        if name in self.entities:
            return self.entities[name]
        raise NotCarriedError(f"{self.name} has no dimension {name}")

    def time_column(self, dimension: str) -> str:
        """The column that a time dimension is. NotCarriedError where it is computed."""
        sql = self.sql_of(dimension)
        if not is_column(sql):
            raise NotCarriedError(f"{dimension} is computed ({sql}), and a time is a column; add one to the table")
        return sql

    def time_kind(self, dimension: str) -> ColumnType:
        """The type of a time: as the project says, else a date where its grain is a day or more."""
        written = self.types.get(self.sql_of(dimension))
        if written is not None and (kind := type_of(written)) in {"date", "timestamp"}:
            return kind
        grain = (self.dimensions[dimension].get("type_params") or {}).get("time_granularity") or "day"
        return "date" if grain in _COARSE else "timestamp"


def table_from(written: Written, types: Mapping[str, Mapping[str, str]]) -> Table:
    """A semantic model of the older form."""
    model = written.value
    entities = [item for item in model.get("entities") or () if isinstance(item, Mapping)]
    own = [item for item in entities if item.get("type") in {"primary", "unique", "natural"}]
    dimensions = {str(item["name"]): item for item in model.get("dimensions") or () if isinstance(item, Mapping)}
    table = table_of(model)
    return Table(
        written,
        str(model.get("name")),
        table,
        str(own[0]["name"]) if own else str(model.get("primary_entity") or ""),
        str((model.get("defaults") or {}).get("agg_time_dimension") or ""),
        {str(item["name"]): str(item.get("expr") or item["name"]) for item in entities},
        frozenset(str(item["name"]) for item in entities if item.get("type") == "foreign"),
        dimensions,
        {str(item["name"]): item for item in model.get("measures") or () if isinstance(item, Mapping)},
        types.get(table, {}),
    )


def is_column(sql: str) -> bool:
    return _COLUMN.fullmatch(sql) is not None


def type_of(written: str) -> ColumnType:
    """Our type for a warehouse's."""
    return next((kind for pattern, kind in _TYPES if re.match(pattern, written.strip().lower())), "text")


def facts(table: Table, measures: Mapping[str, Mapping[str, Any]], *, looked_up: bool) -> dict[str, Any]:
    """The table as a model of ours with these measures; `looked_up` by others that have its entity."""
    time = table.time_column(table.time)
    definition = _plain(table) | {"time": time, "measures": dict(measures)}
    if not looked_up:
        definition.pop("primary_entity", None)
    named = [str(item["time"]) for item in measures.values() if item.get("time") in table.dimensions]
    times = {name: sql for name in named if not is_column(sql := table.sql_of(name))}
    definition |= {"times": times} if times else {}
    definition |= dict(meta_of(table.written.value).get("model") or {})
    kinds = _kinds(table, measures)
    return _ordered(definition | {"columns": {name: {"type": kind} for name, kind in kinds.items()}})


def lookup(table: Table) -> dict[str, Any]:
    """The table as a list without measures, with spans of time where its dimensions say when rows hold."""
    definition = _plain(table)
    spans = {
        edge: name
        for name, item in table.dimensions.items()
        for edge in ("is_start", "is_end")
        if ((item.get("type_params") or {}).get("validity_params") or {}).get(edge)
    }
    if spans:
        start, end = (table.time_column(spans[edge]) for edge in ("is_start", "is_end"))
        definition |= {"valid": {"start": start, "end": end}, "key": [*definition["key"], start]}
    for name, written in table.dimensions.items():
        if written.get("is_partition"):
            raise NotCarriedError(
                f"{table.name} has rows for each {name}, and dbt joins those of one; say valid: spans"
            )
    if not definition["dimensions"]:
        raise NotCarriedError(f"{table.name} has neither measures nor dimensions that split")
    definition["entities"] = {n: sql for n, sql in definition.get("entities", {}).items() if n != table.primary}
    kinds = _kinds(table, {})
    return _ordered(definition | {"columns": {name: {"type": kind} for name, kind in kinds.items()}})


def _plain(table: Table) -> dict[str, Any]:
    """What facts and look-ups have alike."""
    computed = {
        name: sql
        for name, item in table.dimensions.items()
        if item.get("type") == "categorical" and (sql := str(item.get("expr") or name)) != name
    }
    key = table.entities.get(table.primary, "")
    definition: dict[str, Any] = {
        "model": table.table,
        "description": str(table.written.value.get("description") or f"One row of {table.table}."),
        "key": [key] if is_column(key) else [],
        "dimensions": [name for name, item in table.dimensions.items() if item.get("type") == "categorical"],
    }
    if is_column(key):
        definition["primary_entity"] = table.primary
    entities = {name: sql for name, sql in table.entities.items() if is_column(sql)}
    return definition | ({"entities": entities} if entities else {}) | ({"computed": computed} if computed else {})


def _kinds(table: Table, measures: Mapping[str, Mapping[str, Any]]) -> dict[str, ColumnType]:
    """The columns that definitions use, each with the type that the project says, or that its use shows."""
    extra = {name: type_of(written) for name, written in table.types.items()}
    times = {
        sql: table.time_kind(name)
        for name, item in table.dimensions.items()
        if item.get("type") == "time" and is_column(sql := table.sql_of(name))
    }
    used: dict[str, ColumnType] = {}
    for measure in measures.values():
        used = {**_compared(str(measure.get("filter") or "true")), **used}
        if measure["agg"] == "sum_boolean":
            used |= _compared(str(measure["expr"]))
        elif measure["agg"] not in {"count", "count_distinct"}:
            used = {**dict.fromkeys(columns_in(str(measure["expr"])), "decimal"), **used}
    every = [table.sql_of(name) for name in (*table.dimensions, *table.entities)]
    every += [str(measure.get(part)) for measure in measures.values() for part in ("expr", "filter") if part in measure]
    others: dict[str, ColumnType] = dict.fromkeys((name for sql in every for name in columns_in(sql)), "text")
    return {**others, **used, **extra, **times}


def _compared(sql: str) -> dict[str, ColumnType]:
    """What a condition shows of its columns: one that stands alone is yes or no, one beside a number is a number."""
    from sqlglot import exp

    from kpi_core.sql.fragments import fragment

    result: dict[str, ColumnType] = {}
    for column in fragment(sql).find_all(exp.Column):
        above = column.parent
        while isinstance(above, exp.Paren):
            above = above.parent
        if above is None or isinstance(above, exp.And | exp.Or | exp.Not):
            result[column.name] = "boolean"
        elif isinstance(above, exp.Binary) and any(item.is_number for item in (above.left, above.right)):
            result[column.name] = "decimal"
    return result


def columns_in(sql: str) -> list[str]:
    """The columns that SQL reads. NotCarriedError where it cannot be read."""
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    from kpi_core.sql.fragments import fragment

    try:
        return list(dict.fromkeys(column.name for column in fragment(sql).find_all(exp.Column)))
    except SqlglotError as error:
        raise NotCarriedError(f"{sql} cannot be read as SQL") from error


def _ordered(definition: Mapping[str, Any]) -> dict[str, Any]:
    return {key: definition[key] for key in _ORDER if key in definition}


def meta_of(definition: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an export of ours has added to a definition of dbt."""
    config = definition.get("config")
    meta = config.get("meta") if isinstance(config, Mapping) else None
    result = meta.get(META) if isinstance(meta, Mapping) else None
    return result if isinstance(result, Mapping) else {}
