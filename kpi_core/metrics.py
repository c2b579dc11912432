"""The vocabulary of definitions: models with measures, and the metrics made of them.

The terms are dbt MetricFlow's: a *model* is a fact table, a *measure* an aggregate of its rows, a *metric* a formula
over measures and other metrics. `catalog/` reads them from YAML, `sql/` and `answering/` compute them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from kpi_core.frozen_dataclass import frozen

Aggregation = Literal["sum", "sum_boolean", "count", "count_distinct", "min", "max", "average", "median", "percentile"]
Moment = Literal["start", "end", "both"]
Offset = Literal["previous_period", "year_ago"]
CalendarUnit = Literal["week", "month", "quarter", "half", "year"]
PeriodAgg = Literal["first", "last"]
ColumnType = Literal["text", "date", "timestamp", "integer", "decimal", "boolean"]
MetricType = Literal["simple", "ratio", "derived", "cumulative", "conversion"]
Counted = Literal["times", "pages"]
Unit = Literal["count", "currency", "percent", "ratio", "score", "duration"]
Direction = Literal["higher", "lower", "neutral"]
Cadence = Literal["daily", "weekly", "monthly", "quarterly"]
Language = Literal["en", "ko", "zh-TW"]

PERIOD = "period"
"""`period.days` and `period.months`: how long the elapsed part of the asked period is."""
PARAMETER = "parameter"
"""`parameter.lifetime_years`: a number of kpi.yaml, or its default."""
GOAL = "goal"
"""`goal.met` and `goal.held`: how many goals were reached in the asked period, of how many that it can be held to."""
CURRENCY = "currency"
"""The column with the currency of a row's amounts, which every source of a table with money may have."""
NO_TABLES = frozenset({PERIOD, PARAMETER, GOAL})
"""What stands before a dot in a formula without being a model."""
PARAMETERS: Mapping[str, float] = {"lifetime_years": 3.0, "active_days": 90.0}
"""The firm's own numbers that formulas use, and what they are where kpi.yaml does not say."""

LANGUAGES: tuple[Language, ...] = ("en", "ko", "zh-TW")
STAGES = ("awareness", "consideration", "conversion", "loyalty", "all", "internal")
"""The parts of the customer's journey, in the order in which people are shown them."""
AUDIENCES = ("exec", "manager", "specialist")
ADDITIVE: frozenset[str] = frozenset({"sum", "sum_boolean", "count"})

Names = Mapping[str, str]
"""A text in each of LANGUAGES."""
LocalizedText = Mapping[str, str]
"""A sentence in English (`en`) and in those of the other LANGUAGES into which somebody has translated it."""


def localized(text: LocalizedText, language: str) -> str:
    """The text in a language, else in English; empty where there is none."""
    return text.get(language) or text.get("en") or ""


@frozen
class Column:
    """One column of a model. `decimal` is exact (17 digits, 6 after the point); `timestamp` is a UTC instant."""

    name: str
    type: ColumnType
    required: bool = False
    description: str = ""
    empty: Literal["", "none", "not_yet"] = ""
    """What an empty cell means where it has a meaning of its own: there is none (no refund, no campaign), or it has not
    happened yet (not won, not ended). Otherwise an empty cell is not known."""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Its words with a meaning, as formulas have them, each with the words that people write for it."""
    other_words: bool = False
    """Whether others are usual beside them: there are more channels than `direct`."""
    money: bool = False
    """Whether it holds amounts of money: loads bring them into the firm's currency."""


@frozen
class Reads:
    """The columns that a measure rests on, as `model.column` of tables; worked out when the catalogue is read.

    `defaulted` ones are read only inside a coalesce: without them the number still stands, and says so.
    """

    needed: tuple[str, ...] = ()
    defaulted: tuple[str, ...] = ()


@frozen
class Having:
    """Keep only entities whose own rows in the period pass, e.g. customers with two or more orders."""

    per: str
    """The entity, by its name in the model."""
    at_least: int
    """How many rows of the period (and group) the entity must have."""


@frozen
class Validity:
    """Rows that hold from one instant until another (empty: still). All three are columns; `entity` says whose row."""

    start: str
    end: str
    entity: str


@frozen
class Matures:
    """How long after a row's own date its outcome is known.

    Younger rows are left out; with `keep` they count as they stand today, and the answer says so.
    """

    days: int = 0
    months: int = 0
    keep: bool = False


@frozen
class Percentile:
    """The value below which the share `percentile` (above 0, below 1) of the values lies.

    Between two values it is the line between them; `use_discrete_percentile` takes the first of the values themselves
    that has at least the share at or below it. Both as SQL has them, `PERCENTILE_CONT` and `PERCENTILE_DISC`.
    """

    percentile: float
    use_discrete_percentile: bool = False


@frozen
class NonAdditive:
    """Of the rows in the asked days those of the first (`min`) or the last day (`max`) count: of all rows, or of each
    value of the columns `window_groupings` by itself. MetricFlow's words.

    Unlike `last_per` nothing is carried: days without rows before the asked ones do not count.
    """

    window_choice: Literal["min", "max"] = "max"
    window_groupings: tuple[str, ...] = ()


PERIOD_START = "period_start"
"""A column that every measure may read: the first instant of the asked period."""
CARRIED_DAYS = 7
"""How long a balance is carried where its measure does not say."""
HOUR = "hour"
"""A dimension of whatever has instants: the local hour, `09:00`; of one that comes twice the later is `01:00 (2)`."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAY = "weekday"
"""A dimension of whatever has a time: one of WEEKDAYS, by the local date."""
CLOCK = (HOUR, WEEKDAY)
DAY = "day"
"""The entity of a look-up that tells of days: a calendar of one's own."""
SHARE = "kpi_share"
"""What a measure spread over months may read: the part of the month's days that lies in the period."""
AT_END = "end_"
"""Before a column's name, in measures `at: both`: the column as it stands at the end of the period."""


@frozen
class Measure:
    """An aggregate over a model's rows.

    `expr` and `filter` are SQL over the model's columns and `period_start`; `time` is the column (or named time) whose
    date puts a row into a period, the model's own by default.
    """

    name: str
    agg: Aggregation
    expr: str | None = None
    filter: str | None = None
    time: str | None = None
    agg_params: Percentile | None = None
    """What a `percentile` is one of."""
    having: Having | None = None
    last_per: tuple[str, ...] | None = None
    """A balance kept as snapshots: of each of these columns' values the last day with a row counts, up to the period's
    end."""
    carried_days: int | None = None
    """For so many days a balance stands in for days without a row; who is silent for longer is left out."""
    non_additive_dimension: NonAdditive | None = None
    """Of the asked days only the first or the last with rows counts."""
    at: Moment | None = None
    """Rows that hold at the start or the end of the period; `both`: those of the start and what became of them."""
    spread: bool = False
    """Each row is the amount of its date's month, spread evenly over its days; up to now, without `ahead`."""
    ahead: bool = False
    """Of what is spread, days that have not come count, too."""
    matures: Matures | None = None
    without_values: Literal["zero", "none"] = "zero"
    """What a sum is where there are days with data but no value: 0, or not known (costs that nobody filled in)."""
    needs: tuple[str, ...] = ()
    """Of the tables that the model may lack those without which the measure says nothing."""
    description: str = ""
    reveals: tuple[str, ...] | None = None
    """Measures (`revenue`, or `orders.revenue` of another model) that it gives away; None leaves it to its `expr`."""
    reads: Reads = Reads()

    @property
    def adds_over_groups(self) -> bool:
        """Whether the values of disjoint groups may be added up."""
        return self.agg in ADDITIVE and self.having is None

    @property
    def additive(self) -> bool:
        """Whether the values of disjoint periods may be added up, too."""
        return self.adds_over_groups and self.last_per is None and not self.joined and not self.reads_period_start

    @property
    def joined(self) -> bool:
        """Whether its rows meet the asked days by more than one date: they are joined to the days, not dated by one."""
        own_dates = self.carried_days is not None or self.non_additive_dimension is not None
        return self.at is not None or self.spread or own_dates

    @property
    def reads_period_start(self) -> bool:
        return any(PERIOD_START in sql for sql in (self.expr, self.filter) if sql)


@frozen
class Lookup:
    """Where a dimension comes from that a model's rows do not have themselves."""

    table: str
    key: str
    """Of that table: the column that names its row."""
    column: str
    entity_column: str
    """Of the model: the column that holds such a key; none where the key is the day of a row."""
    type: ColumnType
    alike: bool
    """Whether both are of one type; else they are compared as texts."""
    via: Lookup | None = None
    """The look-up that tells `entity_column`, where the model does not have it itself."""
    valid: tuple[str, str, ColumnType] | None = None
    """Where the table has a row for each span of time: the columns of its start and end, and their type."""
    expr: str = ""
    """Where the dimension is computed: SQL over the columns of that table."""

    def steps(self) -> tuple[Lookup, ...]:
        """Itself, and those on the way to it."""
        return (self, *(self.via.steps() if self.via else ()))

    def tables(self) -> tuple[str, ...]:
        """The table, and those on the way to it."""
        return tuple(step.table for step in self.steps())

    @property
    def of_day(self) -> bool:
        """Whether it tells of the day of a row."""
        return not self.entity_column

    @property
    def of_its_time(self) -> bool:
        """Whether what it tells depends on the date of a row."""
        return self.valid is not None or (self.via is not None and self.via.of_its_time)


@frozen(eq=False)
class Model:
    """A fact table, a look-up (`primary_entity`) without a time, or both; each is equal to itself alone.

    `computed` are columns the engine adds: SQL over the model's own columns, windows allowed.
    """

    name: str
    description: str
    columns: Mapping[str, Column]
    key: tuple[str, ...]
    time: str
    times: Mapping[str, str]
    """Named times beside the plain time columns: name -> SQL expression."""
    dimensions: tuple[str, ...]
    measures: Mapping[str, Measure]
    entities: Mapping[str, str] = field(default_factory=dict)
    """What rows belong to: entity name -> column, e.g. customer -> customer_id."""
    primary_entity: str = ""
    """The entity of which it has one row each: whatever has that entity may be split by its dimensions."""
    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    """Of the dimensions those that look-ups tell; worked out when the catalogue is read."""
    calendars: Mapping[str, Lookup] = field(default_factory=dict)
    """Dimensions that look-ups tell of the day of a row, beside those of CLOCK; worked out as well."""
    timezone: str = "UTC"
    """The zone of the workspace, by whose days instants are dates."""
    computed: Mapping[str, str] = field(default_factory=dict)
    sparse: bool = False
    """Rows come now and then (monthly invoices), so the newest row does not say how fresh the table is."""
    plan: bool = False
    """Rows say what is meant to be (budgets), so those dated ahead count; others count when their time has come."""
    lumpy: bool = False
    """Amounts belong to more days than the one they are booked on, so short periods mislead."""
    valid: Validity | None = None
    relation: str | None = None
    """SQL that makes the rows out of other models' tables; without it they lie in the table of the model's name."""
    reads: tuple[str, ...] = ()
    """The models whose tables `relation` reads."""
    may_lack: tuple[str, ...] = ()
    """Of those the ones that need not be there: then they have no rows, and the answer says so."""
    members: tuple[str, ...] = ()
    """Dimensions whose values report each day, each for itself: a platform, a network. One that stops is missed."""
    times_of_dates: tuple[str, ...] = ()
    """The named times that are dates; worked out when the catalogue is read."""
    entered_by: str = ""
    """The column whose values people enter month by month: a category of costs. A month without one is missed."""
    file: str = ""

    def column_of(self, name: str) -> str:
        """The column of a dimension, or of an entity."""
        return self.entities.get(name, name) if name not in self.dimensions else name

    def all_times(self) -> tuple[str, ...]:
        """Its own time and those of its measures: a row may be dated by any of them."""
        return tuple(dict.fromkeys((self.time, *(self.time_of(measure) for measure in self.measures.values()))))

    def time_of(self, measure: Measure) -> str:
        return measure.time or self.time

    def time_type(self, time: str) -> ColumnType:
        """Whether a time of the model is a `date` or a `timestamp`."""
        if time in self.columns:
            return self.columns[time].type
        return "date" if time in self.times_of_dates else "timestamp"

    def tells_by_itself(self, dimension: str) -> bool:
        """Whether one row is enough to tell a dimension, so that a look-up can; what others add to it is not."""
        sql = self.computed.get(dimension, "")
        alone = " over (" not in sql.lower() and not any(re.search(rf"\b{name}\b", sql) for name in self.computed)
        return dimension in self.columns or (bool(sql) and alone)

    def is_computed(self, dimension: str) -> bool:
        """Whether a dimension of the model itself is SQL over its columns; then it is read as text."""
        return dimension in self.computed and dimension not in self.lookups

    def told_by_time(self, dimension: str) -> bool:
        """Whether a dimension follows from when a row was, by the clock or a calendar."""
        return dimension in self.calendars or (dimension in CLOCK and dimension not in self.columns)

    @property
    def money(self) -> tuple[str, ...]:
        """Its columns with amounts of money."""
        return tuple(name for name, column in self.columns.items() if column.money)

    @property
    def holds_by_both(self) -> bool:
        """Whether its rows hold from a date until an instant or the like, not by the kind of its own time alone."""
        if self.valid is None:
            return False
        return {self.columns[name].type for name in (self.valid.start, self.valid.end)} != {self.time_type(self.time)}


@frozen
class Benchmark:
    """A figure from outside to hold the KPI against; percent KPIs give fractions. `trust` says how far it carries."""

    text: LocalizedText
    source: str
    trust: str
    value: float | None = None


@frozen
class MetricFilter:
    """Count only groups of `by` in which another number of the same days is so high or low: channels with ad spend.

    The other number is taken over the whole company: the question's own filters do not narrow it.
    """

    metric: str
    """`model.measure`, or the id of a KPI."""
    by: str
    """A dimension of both, or an entity, which each table has in a column of its own."""
    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None
    lenient: bool = False
    """Whether days that the other table does not have say that nothing was; else nothing is known of them."""

    @property
    def bounded(self) -> bool:
        return any(bound is not None for bound in (self.above, self.at_least, self.below, self.at_most))

    def passes(self, number: float | None) -> bool:
        """Whether a group with this number counts; one without a number never does."""
        return (
            number is not None
            and (self.above is None or number > self.above)
            and (self.at_least is None or number >= self.at_least)
            and (self.below is None or number < self.below)
            and (self.at_most is None or number <= self.at_most)
        )


@frozen
class Window:
    """So many days, or so many months (a week is 7 days, a quarter 3 months), or all time."""

    days: int = 0
    months: int = 0
    all_time: bool = False


@frozen
class Taken:
    """Of which days an input is taken when a period is asked, in the order of the fields; MetricFlow's words.

    Unlike an `offset`, which goes by the kind of the asked period, these are of one length, whatever is asked.
    """

    offset_window: Window | None = None
    """The days so much earlier."""
    offset_to_grain: CalendarUnit | None = None
    """The first day of the unit that holds the first asked one."""
    period_agg: PeriodAgg = "last"
    """Which day of the asked period what follows ends with."""
    window: Window | None = None
    """So much time up to the end."""
    grain_to_date: CalendarUnit | None = None
    """From the start of the unit that holds the last day, up to the end."""

    @property
    def cumulative(self) -> bool:
        """Whether it adds up other days than those of the period, so that its own values do not add up."""
        return self.window is not None or self.grain_to_date is not None or self.offset_to_grain is not None


@frozen
class Input:
    """One name of a formula: an expression over `model.measure` and metric ids, such as `ad_performance.spend`."""

    name: str
    expression: str
    names: Names = field(default_factory=dict)
    """What people call it, e.g. "spend"."""
    unit: Unit = "count"
    where: MetricFilter | None = None
    offset: Offset | None = None
    """Of another period: the one before, or the one a year ago."""
    trailing_months: int | None = None
    """Of the months up to the end of the period instead of the period itself."""
    taken: Taken | None = None
    """Of days that are told by their number or by a unit of the calendar."""
    fill_nulls_with: float | None = None
    """What it is where there is no data, in periods that have begun."""


@frozen
class Shares:
    """Measures that tell how much of a table is known: all its rows, those in which `columns` are filled."""

    rows: str
    filled: str
    columns: tuple[str, ...]
    """As `table.column`."""


@frozen
class WorkedExample:
    """Small tables, a question and the answer one can check by hand; one test runs all of them."""

    tables: Mapping[str, tuple[Mapping[str, object], ...]]
    ask: str
    value: float | None
    parts: Mapping[str, float | None] = field(default_factory=dict)
    says: str = ""
    goals: tuple[Mapping[str, Any], ...] = ()
    """Goals of kpi.yaml that the example needs."""


@frozen
class Metric:
    """A KPI in one reading. A variant (`cac@paid`) is a Metric of its own whose `variant_of` is the plain id."""

    id: str
    names: Names
    aliases: tuple[str, ...]
    """Other words for it; one that another KPI has too makes the question ask back."""
    description: Names
    type: MetricType
    formula: str
    inputs: Mapping[str, Input]
    unit: Unit
    direction: Direction
    stage: str
    cadence: Cadence
    indicator: Literal["leading", "lagging"]
    vanity: bool
    audiences: tuple[str, ...]
    reading: LocalizedText
    """One sentence: which reading of a disputed formula this is."""
    variant_of: str | None = None
    variants: tuple[str, ...] = ()
    """Ids of the other readings, e.g. `cac@paid`."""
    benchmarks: tuple[Benchmark, ...] = ()
    playbook: Names = field(default_factory=dict)
    """What to do when it is off target."""
    traps: tuple[LocalizedText, ...] = ()
    disputes: tuple[LocalizedText, ...] = ()
    duration_unit: Literal["seconds", "days", "months"] | None = None
    ratio_of: Counted | None = None
    """What a ratio counts per one: purchases of a customer are times, and no multiple of anything."""
    percent_in: tuple[str, ...] = ()
    """Languages in which a ratio is written as a percentage: ROAS of 3.1 is 310 % to a Korean reader."""
    split: tuple[str, ...] = ()
    """Dimensions that belong to the KPI itself: a question about it is split by them unasked (traffic by channel)."""
    fallback: str | None = None
    """The variant that answers where the tables of this reading are missing."""
    examples: tuple[WorkedExample, ...] = ()
    file: str = ""
    shares: Mapping[str, Shares] = field(default_factory=dict)
    """By model: how much of its rows is known. Only where the data fills some column in part."""

    @property
    def is_cost_of_one(self) -> bool:
        """Whether it is money spent over what that brought: a customer, a lead, a click. Then 0 is no cost at all."""
        return self.type == "ratio" and self.unit == "currency" and self.direction == "lower"

    def name(self, language: str) -> str:
        return self.names.get(language) or self.names["en"]


@frozen
class Dimension:
    """A column that may split or filter a metric; shared by every model that has a column of that name."""

    id: str
    names: Names
    aliases: tuple[str, ...] = ()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values with a meaning, each with the words that people write for it; there are others beside them."""

    def name(self, language: str) -> str:
        return self.names.get(language) or self.names["en"]


@frozen(eq=False)
class Catalog:
    """All definitions of a workspace. `metrics` holds plain KPIs and variants alike, by id."""

    metrics: Mapping[str, Metric]
    models: Mapping[str, Model]
    dimensions: Mapping[str, Dimension]

    def kpis(self) -> tuple[Metric, ...]:
        """The plain KPIs, without their variants, in catalogue order."""
        return tuple(metric for metric in self.metrics.values() if metric.variant_of is None)
