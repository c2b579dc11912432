"""The plain way to a KPI, as the yardstick: one hand-sized query per measure, period and group; formulas by Python.

It shares nothing with the plan but the definitions: rows are picked by their local date (DuckDB's own time zone
arithmetic, not bound instants), groups by a condition, and nothing is fused, bucketed or added up.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import duckdb

from kpi_core.metrics import Catalog, Metric, MetricFilter, Model

Filters = Mapping[str, str | None]
ZERO = {"sum", "count", "count_distinct"}


class Naive:
    """Computes KPIs on an open DuckDB connection in a time zone."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, catalog: Catalog, timezone: str, today: date) -> None:
        self.connection = connection
        self.catalog = catalog
        self.timezone = timezone
        self.yesterday = today - timedelta(days=1)

    def value(self, metric: Metric, start: date, end: date, filters: Filters | None = None) -> float | None:
        """The KPI over `[start, end)` for rows whose dimensions equal `filters`."""
        names = {
            each.name: self._expression(each.expression, each.where, start, end, filters or {})
            for each in metric.inputs.values()
        }
        return calculated(metric.formula, names)

    def _expression(
        self, text: str, where: MetricFilter | None, start: date, end: date, filters: Filters
    ) -> float | None:
        names: dict[str, float | None] = {}
        for word in words(text):
            model, dot, measure = word.partition(".")
            if not dot:
                names[word] = self.value(self.catalog.metrics[word], start, end, filters)
            elif where is None:
                names[word] = self.measure(model, measure, start, end, filters)
            else:
                names[word] = self._filtered(model, measure, where, start, end, filters)
        return calculated(text, names)

    def _filtered(
        self, model: str, measure: str, where: MetricFilter, start: date, end: date, filters: Filters
    ) -> float | None:
        """Group by group: count those whose other measure is above 0."""
        other_model, _, other = where.above_zero.partition(".")
        found = self.connection.execute(f'SELECT DISTINCT "{where.by}" FROM {model}').fetchall()
        kept = [
            self.measure(model, measure, start, end, {**filters, where.by: group})
            for (group,) in found
            if filters.get(where.by, group) == group
            and (self.measure(other_model, other, start, end, {where.by: group}) or 0) > 0
        ]
        if self.measure(model, measure, start, end, filters) is None:
            return None
        return sum(number for number in kept if number is not None)

    def measure(self, model_name: str, name: str, start: date, end: date, filters: Filters) -> float | None:
        model = self.catalog.models[model_name]
        measure = model.measures[name]
        if not self._covers(model, start, end):
            return None
        time = self._local_date(model, model.time_of(measure))
        computed = "".join(f', {sql} AS "{column}"' for column, sql in model.computed.items())
        conditions = [f"{time} >= $start", f"{time} < $end", f"({measure.filter or 'true'})"]
        values: dict[str, object] = {"start": start, "end": end}
        for number, (dimension, value) in enumerate(filters.items()):
            conditions.append(f'"{dimension}" IS NOT DISTINCT FROM $v{number}')
            values[f"v{number}"] = value
        rows = f"(SELECT *{computed} FROM {model_name})"
        picked = f"FROM {rows} WHERE {' AND '.join(conditions)}"
        if measure.having:
            entity = model.entities[measure.having.per]
            inner = f"SELECT {entity} {picked} AND {entity} IS NOT NULL GROUP BY {entity}"
            sql = f"SELECT count(*) FROM ({inner} HAVING count(*) >= {measure.having.at_least})"
        elif measure.agg == "count_distinct":
            sql = f"SELECT count(DISTINCT {measure.expr}) {picked}"
        else:
            sql = f"SELECT {measure.agg}({measure.expr or '*'}) {picked}"
        ((found,),) = self.connection.execute(sql, values).fetchall()
        if found is None:
            return 0.0 if measure.agg in ZERO else None
        return float(found)

    def _covers(self, model: Model, start: date, end: date) -> bool:
        time = self._local_date(model, model.time)
        ((first, last),) = self.connection.execute(f"SELECT min({time}), max({time}) FROM {model.name}").fetchall()
        if first is None:
            return False
        # Rows of a sparse table come now and then: until yesterday, no row means nothing happened.
        return start <= (max(last, self.yesterday) if model.sparse else last) and end > first

    def _local_date(self, model: Model, time: str) -> str:
        sql = model.times.get(time, f'"{time}"')
        if model.time_type(time) == "date":
            return sql
        return f"CAST(({sql}) AT TIME ZONE 'UTC' AT TIME ZONE '{self.timezone}' AS DATE)"


def words(text: str) -> list[str]:
    """The names of a formula: everything that is no number and no sign."""
    for sign in "()+-*/":
        text = text.replace(sign, " ")
    return [word for word in text.split() if not word[0].isdigit()]


def calculated(text: str, names: Mapping[str, float | None]) -> float | None:
    """A formula worked out by Python itself; None when a name is None or a divisor 0."""
    if any(names[word] is None for word in words(text)):
        return None
    placed = {word.replace(".", "__"): value for word, value in names.items()}
    for word in sorted(names, key=len, reverse=True):
        text = text.replace(word, word.replace(".", "__"))
    try:
        return float(eval(text, {"__builtins__": {}}, placed))  # a formula of our own files
    except ZeroDivisionError:
        return None
