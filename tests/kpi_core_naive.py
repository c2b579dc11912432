"""The plain way to a KPI, as the yardstick: one hand-sized query per measure, period and group; formulas by Python.

It shares nothing with the plan but the definitions and the arithmetic of periods: rows are picked by their local date
(DuckDB's own time zone arithmetic, not bound instants), groups by a condition, states and shares by looking at each
row, and nothing is fused, bucketed or added up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import duckdb

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period, add_months, pair, previous, year_ago
from kpi_core.metrics import PARAMETERS, Catalog, Input, Measure, Metric, Model

Wanted = str | tuple[str | None, ...] | None
Filters = Mapping[str, Wanted]
"""What each dimension must be, or what it may be."""
Value = float | None
Reach = tuple[date | None, date | None]
ZERO = {"sum", "count", "count_distinct"}
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Naive:
    """Computes KPIs on an open DuckDB connection. `catalog` is the engine's own, with its zone filled in."""

    connection: duckdb.DuckDBPyConnection
    catalog: Catalog
    calendar: Calendar
    now: datetime
    complete_through: date
    measured: dict[object, Value] = field(default_factory=dict)
    reached: dict[object, Reach] = field(default_factory=dict)
    """Numbers and reaches that were asked for before; those who look at the same tables by one calendar share them."""

    @property
    def today(self) -> date:
        return self.calendar.today(self.now)

    def value(
        self, metric: Metric, period: Period, filters: Filters | None = None, around: Input | None = None
    ) -> Value:
        """The KPI over a period for rows whose dimensions equal `filters`."""
        return worked_out(metric, self.parts(metric, period, filters, around))

    def parts(
        self, metric: Metric, period: Period, filters: Filters | None = None, around: Input | None = None
    ) -> dict[str, Value]:
        """The inputs of the KPI's formula, as `value` takes them."""
        return {each.name: self._input(each, metric, period, filters or {}, around) for each in metric.inputs.values()}

    def _input(self, each: Input, metric: Metric, period: Period, filters: Filters, around: Input | None) -> Value:
        taken = around if around is not None and (around.offset or around.trailing_months) else each
        return calculated(
            each.expression,
            {word: self._word(word, each, taken, metric, period, filters) for word in words(each.expression)},
        )

    def _word(self, word: str, each: Input, taken: Input, metric: Metric, period: Period, filters: Filters) -> Value:
        model, dot, name = word.partition(".")
        if not dot:
            return self.value(self.catalog.metrics[word], period, filters, each)
        if model == "parameter":
            return PARAMETERS[name]
        if model == "period":
            return self._length(period, name)
        days = self._days(taken, metric, period)
        if days is None:
            return None
        if each.where is None:
            return self.measure(model, name, *days, filters)
        return self._above_zero(model, name, each, days, filters)

    def _length(self, period: Period, unit: str) -> Value:
        """Day by day: each is one day, or one part of its own month."""
        total, day = 0.0, period.start
        while day < min(period.end, self.complete_through + ONE_DAY):
            month = add_months(day.replace(day=1), 1) - day.replace(day=1)
            total += 1 if unit == "days" else 1 / month.days
            day += ONE_DAY
        return total or None

    def _days(self, each: Input, metric: Metric, period: Period) -> tuple[date, date] | None:
        basis = each.offset or next((other.offset for other in metric.inputs.values() if other.offset), None)
        if basis:
            other = (previous if basis == "previous_period" else year_ago)(period, self.calendar)
            pairing = pair(period, other, self.complete_through)
            if pairing is None:
                return None
            period = pairing.other if each.offset else pairing.current
        if each.trailing_months:
            end = min(period.end, self.complete_through + ONE_DAY)
            return add_months(end, -each.trailing_months), end
        return period.start, period.end

    def _above_zero(self, model: str, name: str, each: Input, days: tuple[date, date], filters: Filters) -> Value:
        """Group by group: count those whose other measure is above 0."""
        assert each.where is not None
        by = each.where.by
        other_model, _, other = each.where.metric.partition(".")
        if self.measure(model, name, *days, filters) is None:
            return None
        found = self.connection.execute(f'SELECT DISTINCT "{by}" FROM {model}').fetchall()
        kept = [
            self.measure(model, name, *days, {**filters, by: group})
            for (group,) in found
            if passes(group, filters.get(by, group)) and (self.measure(other_model, other, *days, {by: group}) or 0) > 0
        ]
        return sum(number for number in kept if number is not None)

    def measure(self, model_name: str, name: str, start: date, end: date, filters: Filters) -> Value:
        """One measure over `[start, end)`, by one query."""
        key = model_name, name, start, end, frozenset(filters.items()), self.complete_through, self.today
        if key not in self.measured:
            self.measured[key] = self._measure(model_name, name, start, end, filters)
        return self.measured[key]

    def _measure(self, model_name: str, name: str, start: date, end: date, filters: Filters) -> Value:
        model = self.catalog.models[model_name]
        measure = model.measures[name]
        known = self._known_through(model)
        mature = self._mature_days(measure, start, end, known)
        if measure.spread and not measure.ahead:
            end = mature = min(end, self.complete_through + ONE_DAY)
        if measure.at is not None:
            last = self._reach(model)[1]
            end = mature = min(end, last + ONE_DAY) if last else end
        if measure.last_per is not None:
            return self._balance(model, measure, end, filters)
        if mature is None or end <= start or not self._covers(model, start, mature):
            return None
        values: dict[str, object] = {"start": start, "end": end}
        conditions = [f"({measure.filter or 'true'})"]
        for number, (dimension, wanted) in enumerate(filters.items()):
            members = wanted if isinstance(wanted, tuple) else (wanted,)
            names = {f"v{number}_{place}": member for place, member in enumerate(members)}
            conditions.append("(" + " OR ".join(f'"{dimension}" IS NOT DISTINCT FROM ${each}' for each in names) + ")")
            values |= names
        sql = self._sql(model, measure, " AND ".join(conditions))
        used = {name: value for name, value in values.items() if f"${name}" in sql}
        ((found,),) = self.connection.execute(sql, used).fetchall()
        if found is None:
            return 0.0 if measure.agg in ZERO and measure.without_values == "zero" else None
        return float(found)

    def _balance(self, model: Model, measure: Measure, end: date, filters: Filters) -> Value:
        """Member by member and day by day, back from the end: the first day that has a row with a value."""
        assert measure.last_per is not None
        assert measure.carried_days is not None
        end = min(end, self.today + ONE_DAY)
        day = f"{self._local(model, model.time_of(measure))}::DATE"
        columns = [*measure.last_per, *filters]
        keys = ", ".join(
            [day, *(f'"{name}"' for name in columns), measure.expr or "1", f"({measure.filter or 'true'})"]
        )
        days: dict[tuple[object, ...], dict[date, list[tuple[object, bool]]]] = {}
        for row_day, *row in self.connection.execute(f"SELECT {keys} FROM {self._rows(model)}").fetchall():
            members, asked = (
                row[: len(measure.last_per)],
                dict(zip(filters, row[len(measure.last_per) : -2], strict=True)),
            )
            if row_day is not None and row[-2] is not None and all(passes(asked[n], filters[n]) for n in filters):
                days.setdefault(tuple(members), {}).setdefault(row_day, []).append((row[-2], bool(row[-1])))
        counted = []
        for of_member in days.values():
            last = max(
                (each for each in of_member if end - timedelta(measure.carried_days + 1) <= each < end), default=None
            )
            counted += of_member[last] if last else []
        values = [value for value, passing in counted if passing]
        if not counted:
            return None
        return float(len(values) if measure.agg == "count" else sum(values))  # type: ignore[arg-type]

    def _known_through(self, model: Model) -> date:
        """The last day on which it is known what became of a row: by the tables beside the first, where there are."""
        lasts = [self._reach(other)[1] for name in model.reads[1:] if not (other := self.catalog.models[name]).sparse]
        found = [last for last in lasts if last is not None]
        return min(self.today - ONE_DAY, *found) if found else self.complete_through

    def _mature_days(self, measure: Measure, start: date, end: date, known: date) -> date | None:
        """The end of the days whose outcome is known; None when no day's is."""
        if measure.matures is None or measure.matures.keep:
            return end
        day = end
        while day > start and not self._is_mature(measure, day - ONE_DAY, known):
            day -= ONE_DAY
        return day if day > start else None

    def _is_mature(self, measure: Measure, day: date, known: date) -> bool:
        assert measure.matures is not None
        if measure.matures.months:
            whole = add_months(day.replace(day=1), measure.matures.months + 1)
            return whole <= known + ONE_DAY
        return day + timedelta(days=measure.matures.days) <= known

    def _sql(self, model: Model, measure: Measure, conditions: str) -> str:
        rows = self._rows(model)
        if measure.at is not None:
            rows = self._standing(model, measure, rows)
        elif measure.spread:
            rows = self._shares(model, rows)
        else:
            day = f"{self._local(model, model.time_of(measure))}::DATE"
            inside = f"{day} >= $start AND {day} < $end AND {self._known(model, measure)}"
            inside += f" AND {self._has_come(model, model.time_of(measure))}"
            rows = f"(SELECT * FROM {rows} WHERE {inside})"
        start = f"timezone('UTC', timezone('{self.calendar.timezone}', $start::TIMESTAMP))"
        is_date = model.time_type(model.time_of(measure)) == "date"
        conditions = conditions.replace("period_start", "$start" if is_date else start)
        expr = (measure.expr or "*").replace("period_start", "$start" if is_date else start)
        picked = f"FROM {rows} WHERE {conditions}"
        if measure.having:
            entity = model.entities[measure.having.per]
            inner = f"SELECT {entity} {picked} AND {entity} IS NOT NULL GROUP BY {entity}"
            return f"SELECT count(*) FROM ({inner} HAVING count(*) >= {measure.having.at_least})"
        if measure.agg == "count_distinct":
            return f"SELECT count(DISTINCT {expr}) {picked}"
        return f"SELECT {measure.agg}({expr}) {picked}"

    def _known(self, model: Model, measure: Measure) -> str:
        """Row by row: the outcome is known by the last day that tells it."""
        known = self._known_through(model)
        if measure.matures is None or measure.matures.keep:
            return "true"
        day = f"{self._local(model, model.time_of(measure))}::DATE"
        if measure.matures.months:
            whole = f"date_trunc('month', {day}) + INTERVAL {measure.matures.months + 1} MONTH"
            return f"{whole} <= DATE '{known + ONE_DAY}'"
        return f"{day} + {measure.matures.days} <= DATE '{known}'"

    def _rows(self, model: Model) -> str:
        """All rows of the model with all its computed columns; those that read others come last."""
        come = ", ".join(
            f"{name} AS ({self._come(self.catalog.models[name])})" for name in model.reads or (model.name,)
        )
        rows = f"(WITH {come} {model.relation or f'SELECT * FROM {model.name}'})"
        for column, sql in model.computed.items():
            rows = f'(SELECT *, {sql} AS "{column}" FROM {rows})'
        return rows

    def _come(self, model: Model) -> str:
        """The rows of a table that do not lie ahead."""
        return f"SELECT * FROM main.{model.name} WHERE {'true' if model.plan else self._has_come(model, model.time)}"

    def _has_come(self, model: Model, time: str) -> str:
        sql = model.times.get(time, f'"{time}"')
        if model.plan:
            return "true"
        now = self.today if model.time_type(time) == "date" else self.now.astimezone(UTC).replace(tzinfo=None)
        return f"coalesce(({sql}) <= '{now}', true)"

    def _standing(self, model: Model, measure: Measure, rows: str) -> str:
        assert model.valid is not None

        def holds(table: str, moment: str) -> str:
            begins = self._at(model, f"{table}.{model.valid.start}")  # type: ignore[union-attr]
            ends = self._at(model, f"{table}.{model.valid.end}")  # type: ignore[union-attr]
            return f"{begins} < {moment}::TIMESTAMP AND coalesce({ends} >= {moment}::TIMESTAMP, true)"

        moment = "$end" if measure.at == "end" else "$start"
        if measure.at != "both":
            return f"(SELECT * FROM {rows} s WHERE {holds('s', moment)})"
        later = ", ".join(f'e."{name}" AS "end_{name}"' for name in model.columns)
        same = f"e.{model.valid.entity} = s.{model.valid.entity}"
        joined = f"{rows} s LEFT JOIN {rows} e ON {same} AND {holds('e', '$end')}"
        return f"(SELECT s.*, {later} FROM {joined} WHERE {holds('s', '$start')})"

    def _shares(self, model: Model, rows: str) -> str:
        """The part of each month's days that lies in the period, day by day."""
        days = "range($start::TIMESTAMP, $end::TIMESTAMP, INTERVAL 1 DAY) t(d)"
        month = f"date_trunc('month', {model.time})"
        after = f"({month} + INTERVAL 1 MONTH)"
        inside = f"(SELECT count(*) FROM {days} WHERE d >= {month} AND d < {after})"
        return f"(SELECT *, {inside} / date_diff('day', {month}::DATE, {after}::DATE) AS kpi_share FROM {rows})"

    def _covers(self, model: Model, start: date, end: date) -> bool:
        first, last = self._reach(model)
        return first is not None and last is not None and start <= last and end > first

    def _reach(self, model: Model) -> Reach:
        if (model.name, self.today) not in self.reached:
            self.reached[model.name, self.today] = self._read_reach(model)
        return self.reached[model.name, self.today]

    def _read_reach(self, model: Model) -> Reach:
        base = self.catalog.models[model.reads[0]] if model.relation else model
        times = [self._local(base, time) for time in base.all_times()]
        newest = ", ".join(
            f"max({local}) FILTER ({self._has_come(base, time)})::DATE"
            for local, time in zip(times, base.all_times(), strict=True)
        )
        sql = f"SELECT min({times[0]})::DATE, list_max([{newest}]) FROM {base.name}"
        ((first, last),) = self.connection.execute(sql).fetchall()
        if first is None or last is None:
            return None, None
        if not model.plan:
            last = min(last, self.today)
        if any(measure.spread for measure in model.measures.values()):  # rows stand for their whole months
            first, last = first.replace(day=1), add_months(last.replace(day=1), 1) - ONE_DAY
        # Rows of a sparse table come now and then: until yesterday, no row means nothing happened.
        return first, max(last, self.today - ONE_DAY) if model.sparse else last

    def _local(self, model: Model, time: str) -> str:
        """A time of the model as local time."""
        sql = model.times.get(time, f'"{time}"')
        return sql if model.time_type(time) == "date" else self._at(model, f"({sql})")

    def _at(self, model: Model, sql: str) -> str:
        if model.time_type(model.time) == "date":
            return sql
        return f"timezone('{self.calendar.timezone}', timezone('UTC', {sql}))"


def passes(member: str | None, wanted: str | tuple[str | None, ...] | None) -> bool:
    """Whether a dimension's value is what a filter lets through."""
    return member in wanted if isinstance(wanted, tuple) else member == wanted


def words(text: str) -> list[str]:
    """The names of a formula: everything that is no number and no sign."""
    for sign in "()+-*/":
        text = text.replace(sign, " ")
    return [word for word in text.split() if not word[0].isdigit()]


def worked_out(metric: Metric, parts: Mapping[str, Value]) -> Value:
    """The formula of a KPI on its parts; growth on a negative base is a share of its size."""
    for each in metric.inputs.values():
        if each.offset and f"/ {each.name}" in metric.formula and (parts[each.name] or 0) < 0:
            value = calculated(metric.formula, parts)
            return None if value is None else -value
    return calculated(metric.formula, parts)


def calculated(text: str, names: Mapping[str, Value]) -> Value:
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
