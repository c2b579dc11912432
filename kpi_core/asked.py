"""A question with every run of days that its answer shows, and how far the tables behind it reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from kpi_core.calendars import Calendar
from kpi_core.coverage import Coverage, data_through
from kpi_core.evaluation import Context, Slice
from kpi_core.metrics import PARAMETERS, Catalog, Metric
from kpi_core.periods import Pairing, Period, pair, previous, trend_periods, year_ago
from kpi_core.query import MetricQuery
from kpi_core.settings import Settings


@dataclass(frozen=True, slots=True)
class Window:
    """What the value is held against: the whole other period, and the days of both that may be compared fairly."""

    basis: str
    period: Period
    pairing: Pairing | None


@dataclass(frozen=True, slots=True)
class Asked:
    """`through` is the last day all tables have, `complete_through` the last one that is over and has data."""

    query: MetricQuery
    metric: Metric
    windows: tuple[Window, ...]
    trend: tuple[Period, ...]
    coverages: tuple[Coverage, ...]
    through: date | None
    context: Context
    instead_of: Metric | None = None
    """The reading that was asked for, where its tables are missing and another one answers."""

    @property
    def complete_through(self) -> date:
        return self.context.complete_through

    @property
    def complete(self) -> bool:
        return self.query.period.last_day <= self.complete_through

    @property
    def readable(self) -> bool:
        """Whether every table of the metric is there and has rows."""
        return all(table.first is not None for table in self.coverages)

    def whole(self) -> Slice:
        """The rows of the asked period."""
        return self.of(self.query.period)

    def of(self, period: Period, *, split: bool = False) -> Slice:
        """The asked rows of a period, in groups with `split`."""
        return Slice(period, self.query.dimensions if split else (), self.query.filters)

    def slices(self) -> Iterator[Slice]:
        """All rows the answer needs: the trend and what is compared as totals, what is compared by group too."""
        compared = [self.query.period]
        for window in self.windows:
            if window.pairing is not None:
                compared += [window.pairing.current, window.pairing.other]
        for period in (*compared, *self.trend):
            yield self.of(period)
        if self.query.dimensions:
            for period in compared:
                yield self.of(period, split=True)


def ask(
    query: MetricQuery, settings: Settings, catalog: Catalog, coverages: tuple[Coverage, ...], today: date
) -> Asked:
    """Lay out a question. `coverages` are those of the metric's tables, as of `today`."""
    metric = catalog.metrics[query.metric]
    through = data_through(coverages)
    yesterday = today - timedelta(days=1)
    complete_through = min(yesterday, through) if through else yesterday
    coverage = {table.model: table for table in coverages}
    parameters = {**PARAMETERS, **settings.parameters}
    context = Context(catalog, settings.calendar, coverage, complete_through, parameters)
    windows = tuple(_windows(query, settings.calendar, complete_through))
    trend = trend_periods(query.period, settings.calendar, query.grain)
    return Asked(query, metric, windows, trend, coverages, through, context)


def _windows(query: MetricQuery, calendar: Calendar, complete_through: date) -> Iterator[Window]:
    for comparison in query.comparisons:
        match comparison.basis:
            case "previous_period":
                other = previous(query.period, calendar)
            case "year_ago":
                other = year_ago(query.period, calendar)
            case "period":
                assert comparison.period is not None
                other = comparison.period
            case _:  # a goal is no period
                continue
        yield Window(comparison.basis, other, pair(query.period, other, complete_through))
