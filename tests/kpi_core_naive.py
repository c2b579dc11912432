"""The plain way to a KPI, as the yardstick: one hand-sized query per measure, period and group; formulas by Python.

It shares nothing with the plan but the definitions and the arithmetic of periods: rows are picked by their local date
(DuckDB's own time zone arithmetic, not bound instants), groups by a condition, states and shares by looking at each
row, and nothing is fused, bucketed or added up. What look-ups and clocks tell is looked up row by row, a median is
counted out, other days are counted off one by one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period, add_months, pair, previous, unit_of, year_ago
from kpi_core.metrics import (
    HOUR,
    PARAMETERS,
    WEEKDAY,
    Catalog,
    Input,
    Lookup,
    Measure,
    Metric,
    MetricFilter,
    Model,
    NonAdditive,
    Taken,
)

Wanted = str | tuple[str | None, ...] | None
Filters = Mapping[str, Wanted]
"""What each dimension must be, or what it may be."""
Value = float | None
Reach = tuple[date | None, date | None]
Around = tuple[tuple[Input, Metric], ...]
"""The inputs that something stands in, each with its KPI, the outermost first."""
ZERO = {"sum", "sum_boolean", "count", "count_distinct"}
FUNCTIONS = {"average": "avg", "sum_boolean": "count_if", "median": "list", "percentile": "list"}
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

    def value(self, metric: Metric, period: Period, filters: Filters | None = None, around: Around = ()) -> Value:
        """The KPI over a period for rows whose dimensions equal `filters`."""
        return worked_out(metric, self.parts(metric, period, filters, around))

    def parts(
        self, metric: Metric, period: Period, filters: Filters | None = None, around: Around = ()
    ) -> dict[str, Value]:
        """The inputs of the KPI's formula, as `value` takes them."""
        return {each.name: self._input(each, metric, period, filters or {}, around) for each in metric.inputs.values()}

    def _input(self, each: Input, metric: Metric, period: Period, filters: Filters, around: Around) -> Value:
        inside = (*around, (each, metric))
        value = calculated(
            each.expression, {word: self._word(word, inside, period, filters) for word in words(each.expression)}
        )
        return each.fill_nulls_with if value is None and period.start <= self.today else value

    def _word(self, word: str, inside: Around, period: Period, filters: Filters) -> Value:
        model, dot, name = word.partition(".")
        if not dot:
            return self.value(self.catalog.metrics[word], period, filters, inside)
        if model == "parameter":
            return PARAMETERS[name]
        if model == "period":
            return self._length(period, name)
        if inside[-1][0].where is not None:
            return self._narrowed(model, name, inside, period, filters)
        days = self._days(inside, period, model)
        return None if days is None else self.measure(model, name, *days, filters)

    def _length(self, period: Period, unit: str) -> Value:
        """Day by day: each is one day, or one part of its own month."""
        total, day = 0.0, period.start
        while day < min(period.end, self.complete_through + ONE_DAY):
            month = add_months(day.replace(day=1), 1) - day.replace(day=1)
            total += 1 if unit == "days" else 1 / month.days
            day += ONE_DAY
        return total or None

    def _days(self, inside: Around, period: Period, model: str) -> tuple[date, date] | None:
        """The days of an input that stands in others, the outermost of which says of which other period it is."""
        each, metric = next((part for part in inside if part[0].offset or part[0].trailing_months), inside[-1])
        metric = metric if each.offset else inside[-1][1]
        basis = each.offset or next((other.offset for other in metric.inputs.values() if other.offset), None)
        if basis:
            other = (previous if basis == "previous_period" else year_ago)(period, self.calendar)
            pairing = pair(period, other, self.complete_through)
            if pairing is None:
                return None
            period = pairing.other if each.offset else pairing.current
        start, end = period.start, period.end
        if each.trailing_months:
            end = min(period.end, self.complete_through + ONE_DAY)
            start = add_months(end, -each.trailing_months)
        if any(is_held_against_earlier_days(metric) for _each, metric in inside):
            end = min(end, self.complete_through + ONE_DAY)
        for part, _metric in inside:
            if part.taken is not None:
                if start >= end or start > self.today:
                    return None
                start, end = self._taken(start, end, part.taken, model)
        return start, end

    def _taken(self, start: date, end: date, taken: Taken, model: str) -> tuple[date, date]:
        """Other days, by the first and the last one."""
        last = end - ONE_DAY
        if taken.offset_window is not None:
            start, last = (
                moved_back(day, taken.offset_window.days, taken.offset_window.months) for day in (start, last)
            )
            if end.day == 1 and taken.offset_window.months:  # the last of a month
                whole = start.day == 1
                last = add_months(end, -taken.offset_window.months) - ONE_DAY if whole else last
        if taken.offset_to_grain is not None:
            while unit_of(start - ONE_DAY, taken.offset_to_grain, self.calendar).end > start:
                start -= ONE_DAY
            last = start
        if taken.period_agg == "first":
            last = start
        if taken.grain_to_date is not None:
            start = last = min(last, self.today)
            while unit_of(start - ONE_DAY, taken.grain_to_date, self.calendar).end > start:
                start -= ONE_DAY
        elif taken.window is not None and taken.window.all_time:
            start, last = self._reach(self.catalog.models[model])[0] or start, min(last, self.today)
        elif taken.window is not None:
            last = min(last, self.complete_through)
            start = moved_back(last + ONE_DAY, taken.window.days, taken.window.months)
        return start, last + ONE_DAY

    def _narrowed(self, model: str, name: str, inside: Around, period: Period, filters: Filters) -> Value:
        """Group by group: those of which the other number, over the whole company, lies within the bounds."""
        where = inside[-1][0].where
        assert where is not None
        days = self._days(inside, period, model)
        if days is None or self.measure(model, name, *days, filters) is None:
            return None
        if not where.lenient and not self._can_be_told(where.metric, days):
            return None
        by, measure = self.catalog.models[model].column_of(where.by), self.catalog.models[model].measures[name]
        numbers = [
            self.measure(model, name, *days, {**filters, by: group})
            for group in self._groups(model, name, by)
            if passes(group, filters.get(by, group)) and within(self._other(where, group, days), where)
        ]
        known = [number for number in numbers if number is not None]
        return sum(known) if known or measure.without_values == "zero" else None

    def _other(self, where: MetricFilter, group: str | None, days: tuple[date, date]) -> Value:
        """The number of one group that says whether it counts."""
        model, dot, name = where.metric.partition(".")
        if not dot:
            return self.value(self.catalog.metrics[where.metric], Period(*days), {where.by: group})
        return self.measure(model, name, *days, {where.by: group})

    def _can_be_told(self, metric: str, days: tuple[date, date]) -> bool:
        """Whether every table of a number has some of the days."""
        model, dot, _name = metric.partition(".")
        if dot:
            return self._covers(self.catalog.models[model], *days)
        parts = self.catalog.metrics[metric].inputs.values()
        moved = {each.name: self._days(((each, self.catalog.metrics[metric]),), Period(*days), "") for each in parts}
        return all(
            (part := moved[each.name]) is not None and self._can_be_told(word, part)
            for each in parts
            for word in words(each.expression)
        )

    def _groups(self, model_name: str, measure: str, by: str) -> list[str | None]:
        model = self.catalog.models[model_name]
        rows = self._told(model, model.time_of(model.measures[measure]), (by,))
        found = self.connection.execute(f'SELECT DISTINCT CAST("{by}" AS VARCHAR) FROM {rows}').fetchall()
        return [group for (group,) in found]

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
            column = f'CAST("{model.column_of(dimension)}" AS VARCHAR)'
            conditions.append("(" + " OR ".join(f"{column} IS NOT DISTINCT FROM ${each}" for each in names) + ")")
            values |= names
        sql = self._sql(model, measure, " AND ".join(conditions), filters)
        used = {name: value for name, value in values.items() if f"${name}" in sql}
        ((found,),) = self.connection.execute(sql, used).fetchall()
        if isinstance(found, list):
            found = counted_out([each for each in found if each is not None], measure)
        if found is None:
            counts = measure.agg in ZERO and measure.non_additive_dimension is None
            return 0.0 if counts and measure.without_values == "zero" else None
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
        rows = self._told(model, model.time_of(measure), filters)
        for row_day, *row in self.connection.execute(f"SELECT {keys} FROM {rows}").fetchall():
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

    def _sql(self, model: Model, measure: Measure, conditions: str, dimensions: Iterable[str]) -> str:
        rows = self._told(model, model.time_of(measure), dimensions)
        if measure.at is not None:
            rows = self._standing(model, measure, rows)
        elif measure.spread:
            rows = self._shares(model, rows)
        else:
            day = f"{self._local(model, model.time_of(measure))}::DATE"
            inside = f"{day} >= $start AND {day} < $end AND {self._known(model, measure)}"
            inside += f" AND {self._has_come(model, model.time_of(measure))}"
            rows = f"(SELECT * FROM {rows} WHERE {inside})"
            if measure.non_additive_dimension is not None:
                rows = f"(SELECT * FROM {rows} WHERE {conditions})"
                rows = self._of_edge_days(rows, day, measure.non_additive_dimension)
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
        return f"SELECT {FUNCTIONS.get(measure.agg, measure.agg)}({expr}) {picked}"

    def _of_edge_days(self, rows: str, day: str, edge: NonAdditive) -> str:
        """Row by row: no other row, with the same groupings, is of a day further out."""
        same = "".join(f' AND o."{name}" IS NOT DISTINCT FROM r."{name}"' for name in edge.window_groupings)
        further = "<" if edge.window_choice == "min" else ">"
        dated = f"(SELECT *, {day} AS kpi_day FROM {rows})"
        return f"(SELECT * FROM {dated} r WHERE NOT EXISTS (FROM {dated} o WHERE o.kpi_day {further} r.kpi_day{same}))"

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

    def _told(self, model: Model, time: str, dimensions: Iterable[str]) -> str:
        """All rows with what look-ups and the clock tell of each."""
        rows = self._rows(model)
        names = [name for name in dimensions if name in model.lookups or model.told_by_time(name)]
        if names and time:
            local, instant = self._local(model, time), self._as_instant(model, time)
            rows = f"(SELECT *, {local} AS kpi_local, {instant} AS kpi_instant FROM {rows})"
        for name in names:
            rows = f'(SELECT facts.*, {self._teller(model, name)} AS "{name}" FROM {rows} facts)'
        return rows

    def _teller(self, model: Model, name: str) -> str:
        """The SQL that tells a dimension of one row, called facts, with its time as `kpi_local` and `kpi_instant`."""
        lookup = model.lookups.get(name) or model.calendars.get(name)
        if lookup is not None:
            return self._looked_up(lookup)
        if name == WEEKDAY:
            return "lower(dayname(kpi_local::DATE))"
        assert name == HOUR
        before = f"timezone('{self.calendar.timezone}', timezone('UTC', kpi_instant - INTERVAL 1 HOUR))"
        return f"strftime(kpi_local, '%H:00') || CASE WHEN {before} = kpi_local THEN ' (2)' ELSE '' END"

    def _as_instant(self, model: Model, time: str) -> str:
        """A time as an instant of UTC: a date is its own midnight."""
        sql = model.times.get(time, time)
        if model.time_type(time) != "date":
            return f"({sql})"
        return f"timezone('UTC', timezone('{self.calendar.timezone}', ({sql})::TIMESTAMP))"

    def _looked_up(self, lookup: Lookup) -> str:
        """Of the rows of a look-up with the key, and of the span that began last, the least value."""
        key = "facts.kpi_local::DATE" if lookup.of_day else f'facts."{lookup.entity_column}"'
        if lookup.via is not None:
            key = self._looked_up(lookup.via)
        rows = f'(SELECT * FROM main.{lookup.table} WHERE "{lookup.key}"::VARCHAR = ({key})::VARCHAR)'
        told = f"({lookup.expr})::VARCHAR" if lookup.expr else f'"{lookup.column}"'
        if lookup.valid is None:
            return f"(SELECT min({told}) FROM {rows})"
        start, end, kind = lookup.valid
        moment = "facts.kpi_local::DATE" if kind == "date" else "facts.kpi_instant"
        begun = f"(SELECT * FROM {rows} WHERE coalesce({start} <= {moment}, true))"
        last = f"(SELECT * FROM {begun} WHERE {start} IS NOT DISTINCT FROM (SELECT max({start}) FROM {begun}))"
        going_on = f"bool_or({end} IS NULL OR {moment} < {end})"
        return f"(SELECT CASE WHEN {going_on} THEN min({told}) END FROM {last})"

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


def is_held_against_earlier_days(metric: Metric) -> bool:
    """Whether its parts are of days so much earlier, some of them more than others."""
    return len({part.taken.offset_window if part.taken else None for part in metric.inputs.values()}) > 1


def moved_back(day: date, days: int, months: int) -> date:
    """The day so much before; of a month that is too short its last one."""
    back = day - timedelta(days=days)
    return add_months(back, -months) if months else back


def within(number: Value, where: MetricFilter) -> bool:
    """Whether a number lies within the bounds of a filter; no number lies within any."""
    if number is None:
        return False
    least, most = where.at_least, where.at_most
    above = where.above is None or number > where.above
    return (
        above
        and (where.below is None or number < where.below)
        and not ((least is not None and number < least) or (most is not None and number > most))
    )


def counted_out(values: list[Any], measure: Measure) -> Value:
    """A median or a percentile by its place among the values; None of none."""
    values = sorted(values)
    if not values:
        return None
    share = measure.agg_params.percentile if measure.agg_params else 0.5
    if measure.agg_params and measure.agg_params.use_discrete_percentile:
        return float(next(each for n, each in enumerate(values, 1) if n / len(values) >= share))
    place = share * (len(values) - 1)
    lower, upper = values[math.floor(place)], values[math.ceil(place)]
    return float(lower) + (place - math.floor(place)) * (float(upper) - float(lower))


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
        earlier = each.offset or (each.taken is not None and each.taken.offset_window)
        if earlier and f"/ {each.name}" in metric.formula and (parts[each.name] or 0) < 0:
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
