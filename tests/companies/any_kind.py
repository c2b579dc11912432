"""Any kind of input: random definitions over facts, look-ups and a calendar, random rows, random questions.

Where `any_data` asks the KPIs that come built in, this draws KPIs: every aggregation, other days, filters by other
numbers, what stands for no data, and splits by what look-ups, spans of time, the clock and a calendar tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from own_kpis import kpi, own_catalog

from kpi_core.answering.layout import dimensions_of, leaves, time_dimensions_of
from kpi_core.catalog.filter_rules import filter_rules
from kpi_core.catalog.loader import metrics_of
from kpi_core.catalog.taken_rules import taken_rules
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Grain, Period, unit_of
from kpi_core.documents.yaml_file import Document
from kpi_core.metrics import Catalog, Metric
from kpi_core.query import Comparison, Filter, MetricQuery

from tables import Row

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)
ZONES = ("UTC", "Asia/Seoul", "America/New_York", "Europe/Berlin", "America/St_Johns")
LAST = date(2026, 11, 4)
PLACES = ("east", "west", "동", None)
PEOPLE = ("p1", "p2", "p3", "p4", None)
GRAINS: tuple[Grain, ...] = ("day", "week", "month", "quarter")
LENGTHS = ("1 day", "3 days", "1 week", "1 month", "2 months", "1 quarter")
UNITS = ("week", "month", "quarter", "year")

SALES: dict[str, Any] = {
    "model": "sales",
    "description": "One row is one sale.",
    "time": "sold_at",
    "columns": {
        "sold_at": {"type": "timestamp"},
        "paid_on": {"type": "date"},
        "buyer": {"type": "text"},
        "place": {"type": "text"},
        "amount": {"type": "integer"},
    },
    "computed": {
        "band": "case when amount > 20 then 'dear' when amount > 5 then place end",
        "sold_month": "strftime(timezone('{timezone}', timezone('UTC', sold_at)), '%Y-%m')",
        "is_big": "amount > 20",
    },
    "dimensions": ["place", "band", "sold_month", "is_big"],
    "entities": {"person": "buyer"},
    "measures": {
        "amount": {"agg": "sum", "expr": "amount"},
        "count": {"agg": "count"},
        "big": {"agg": "sum_boolean", "expr": "amount > 20"},
        "buyers": {"agg": "count_distinct", "expr": "buyer"},
        "least": {"agg": "min", "expr": "amount"},
        "most": {"agg": "max", "expr": "amount"},
        "mean": {"agg": "average", "expr": "amount"},
        "middle": {"agg": "median", "expr": "amount"},
        "slow": {"agg": "percentile", "expr": "amount", "agg_params": {"percentile": 0.9}},
        "slow_one": {
            "agg": "percentile",
            "expr": "amount",
            "agg_params": {"percentile": 0.3, "use_discrete_percentile": True},
        },
        "last_of_place": {
            "agg": "sum",
            "expr": "amount",
            "filter": "amount < 30",
            "non_additive_dimension": {"window_groupings": ["place"]},
        },
        "first_day": {"agg": "max", "expr": "amount", "non_additive_dimension": {"window_choice": "min"}},
        "paid": {"agg": "sum", "expr": "amount", "time": "paid_on"},
        "regulars": {"agg": "count", "filter": "amount > 3", "having": {"per": "person", "at_least": 2}},
    },
}
COSTS: dict[str, Any] = {
    "model": "ad_days",
    "description": "One row is one day of ads in a place.",
    "time": "on_day",
    "columns": {"on_day": {"type": "date"}, "place": {"type": "text"}, "cost": {"type": "integer"}},
    "dimensions": ["place"],
    "measures": {
        "first_cost": {"agg": "sum", "expr": "cost", "non_additive_dimension": {"window_choice": "min"}},
        "cost": {"agg": "sum", "expr": "cost"},
        "dearest": {"agg": "max", "expr": "cost"},
    },
}
PERSONS: dict[str, Any] = {
    "model": "persons",
    "description": "One row is one person, as long as they lived there.",
    "primary_entity": "person",
    "key": ["person_id", "since"],
    "valid": {"start": "since", "end": "until"},
    "columns": {
        "person_id": {"type": "text"},
        "since": {"type": "date"},
        "until": {"type": "date"},
        "town_id": {"type": "integer"},
        "age": {"type": "integer"},
    },
    "computed": {"decade": "age // 20", "since_month": "date_trunc('month', since)"},
    "entities": {"town": "town_id", "day": "since"},
    "dimensions": ["age", "decade", "since_month"],
}
TOWNS: dict[str, Any] = {
    "model": "towns",
    "description": "One row is one town, whose numbers are kept as texts.",
    "primary_entity": "town",
    "key": ["town_id"],
    "columns": {"town_id": {"type": "text"}, "nation": {"type": "text"}, "coastal": {"type": "boolean"}},
    "computed": {"by_the_sea": "coalesce(nation, '-') || coastal"},
    "dimensions": ["nation", "coastal", "by_the_sea"],
}
DAYS: dict[str, Any] = {
    "model": "own_days",
    "description": "One row is one day.",
    "primary_entity": "day",
    "key": ["on_day"],
    "columns": {"on_day": {"type": "date"}, "season": {"type": "text"}},
    "dimensions": ["season"],
}
MODELS = (SALES, COSTS, PERSONS, TOWNS, DAYS)
BASE = (
    kpi("base_amount", "n", {"n": "sales.amount"}, type="simple"),
    kpi("base_roas", "a / c", {"a": "sales.amount", "c": "ad_days.cost"}, type="ratio", unit="ratio"),
    kpi("base_week", "n", {"n": {"is": "sales.amount", "window": "1 week"}}, type="cumulative"),
    kpi("base_growth", "(n - b) / b", {"n": "sales.count", "b": {"is": "sales.count", "offset_window": "1 week"}}),
)
MEASURES = (*(f"sales.{name}" for name in SALES["measures"]), *(f"ad_days.{name}" for name in COSTS["measures"]))
OF_EDGE_DAYS = ("sales.last_of_place", "sales.first_day", "ad_days.first_cost")
"""Of the first or last day: a filter moves that day, a group does not, so the one is no yardstick of the other."""
FILTERS = (*(name for name in MEASURES if name not in OF_EDGE_DAYS), "base_amount", "base_roas", "base_week")


def any_catalog(folder: Path) -> Catalog:
    """The models, and the KPIs that drawn ones are made of."""
    return own_catalog(folder, *MODELS, *BASE)


@dataclass(frozen=True)
class Drawn:
    """Random rows and definitions, and one question about each."""

    tables: Mapping[str, list[Row]]
    catalog: Catalog
    calendar: Calendar
    questions: list[MetricQuery]


def drawn(luck: int, catalog: Catalog, count: int = 30) -> Drawn:
    """Rows of three months up to a few days ahead, and `count` KPIs with a question each."""
    random = Random(luck)
    calendar = Calendar(random.choice(ZONES), random.choice(("monday", "sunday")))
    metrics = {metric.id: metric for metric in _metrics(random, catalog, count)}
    own = replace(catalog, metrics={**catalog.metrics, **metrics})
    return Drawn(
        _tables(random), own, calendar, [_question(metric, own, calendar, random) for metric in metrics.values()]
    )


def _metrics(random: Random, catalog: Catalog, count: int) -> list[Metric]:
    """Random KPIs that the rules of definitions let through."""
    metrics: list[Metric] = []
    while len(metrics) < count:
        name = f"drawn_{len(metrics)}"
        inputs = {
            part: _input(random, [each.id for each in metrics]) for part in ("n", "b")[: random.choice((1, 1, 2))]
        }
        formula = "n" if len(inputs) == 1 else random.choice(("n - b", "n / b", "(n - b) / b"))
        (metric,) = metrics_of(Document("drawn.yaml", kpi(name, formula, inputs)))
        known = replace(catalog, metrics={**catalog.metrics, **{each.id: each for each in metrics}})
        if not any(
            broken
            for each in metric.inputs.values()
            for broken in (
                *taken_rules((), each, known),
                *(filter_rules((), each, known) if each.where is not None else ()),
            )
        ):
            metrics.append(metric)
    return metrics


def _input(random: Random, metrics: Sequence[str]) -> dict[str, Any]:
    kinds = (_plain, _plain, _earlier, _window, _to_date, _of_grain, _narrowed, _before)
    part = {"is": random.choice((random.choice(MEASURES), random.choice([*metrics, "base_roas", "base_growth"])))}
    for kind in random.choices(kinds, k=random.choice((1, 1, 2))):
        part |= kind(random)
    if random.random() < 1 / 5:
        part["fill_nulls_with"] = random.choice((0, 7))
    return part


def _plain(_random: Random) -> dict[str, Any]:
    return {}


def _earlier(random: Random) -> dict[str, Any]:
    return {"offset_window": random.choice(LENGTHS)}


def _window(random: Random) -> dict[str, Any]:
    return {"window": random.choice((*LENGTHS, "all"))} | _ending(random)


def _to_date(random: Random) -> dict[str, Any]:
    return {"grain_to_date": random.choice(UNITS)} | _ending(random)


def _ending(random: Random) -> dict[str, Any]:
    return random.choice(({}, {"period_agg": "first"}, {"period_agg": "last"}))


def _of_grain(random: Random) -> dict[str, Any]:
    return {"offset_to_grain": random.choice(UNITS)}


def _before(random: Random) -> dict[str, Any]:
    return random.choice(({"offset": random.choice(("previous_period", "year_ago"))}, {"trailing_months": 2}))


def _narrowed(random: Random) -> dict[str, Any]:
    bound = {random.choice(("above", "at_least", "below", "at_most")): random.choice((0, 1, 2, 20, 2.5))}
    where = {"metric": random.choice(FILTERS), **bound}
    measure = random.choice(("sales.amount", "sales.count", "sales.buyers", "sales.paid", "ad_days.cost"))
    return {"is": measure, "where": where, "by": random.choice(("place", "person", "nation", "age", "decade"))}


def _tables(random: Random) -> dict[str, list[Row]]:
    history = random.choice((3, 20, 90))

    def day() -> date:
        return LAST - timedelta(days=int(history * random.random()))

    def moment() -> datetime:
        return datetime.combine(day(), datetime.min.time()) + timedelta(minutes=30 * random.randrange(48))

    sales: list[Row] = [
        {
            "sold_at": moment(),
            "paid_on": day(),
            "buyer": random.choice(PEOPLE),
            "place": random.choice(PLACES),
            "amount": random.choice((None, 0, -5, *range(1, 40))),
        }
        for _ in range(random.choice((1, 8, 40)))
    ]
    costs: list[Row] = [
        {"on_day": day(), "place": random.choice(PLACES), "cost": random.choice((None, 0, *range(1, 20)))}
        for _ in range(random.choice((1, 5, 30)))
    ]
    return {"sales": sales, "ad_days": costs, **_lists(random, day)}


def _lists(random: Random, day: Any) -> dict[str, list[Row]]:
    """Look-ups with doubled keys, spans that overlap, and keys that lead nowhere."""
    persons: list[Row] = [
        {
            "person_id": random.choice(PEOPLE),
            "since": random.choice((None, day(), day())),
            "until": random.choice((None, day())),
            "town_id": random.choice((1, 2, 3, None)),
            "age": random.choice((30, 40, 50, None)),
        }
        for _ in range(random.choice((0, 4, 12)))
    ]
    towns: list[Row] = [
        {"town_id": random.choice(("1", "2", "9")), "nation": random.choice(("KR", "TW", None)), "coastal": flag}
        for flag in (True, False, None)[: random.choice((1, 2, 3))]
    ]
    days: list[Row] = [
        {"on_day": LAST - timedelta(days=n), "season": random.choice(("frost", "harvest", None))}
        for n in range(random.choice((2, 60)))
    ]
    return {"persons": persons, "towns": towns, "own_days": days}


def _question(metric: Metric, catalog: Catalog, calendar: Calendar, random: Random) -> MetricQuery:
    start, against = (LAST - timedelta(days=random.randint(-4, 60)) for _ in range(2))
    span = Period(start, start + timedelta(days=random.randint(1, 40)))
    period = random.choice((span, unit_of(start, random.choice(GRAINS), calendar)))
    known, clock = dimensions_of(metric, catalog), time_dimensions_of(metric, catalog)
    if any(f"{leaf.model}.{leaf.measure}" in OF_EDGE_DAYS for leaf in leaves(metric, catalog)):
        known, clock = (), ()
    split = tuple(random.sample(known, min(len(known), random.choice((0, 0, 1, 1, 2)))))
    if clock and random.random() < 1 / 3:
        split = (random.choice(clock), *split)[:2]
    kept: tuple[Filter, ...] = ()
    if known and random.random() < 1 / 4:
        kept = (Filter(random.choice(known), tuple(random.sample(MEMBERS, random.randint(1, 2)))),)
    comparisons = (
        Comparison("previous_period"),
        Comparison("period", Period(against, against + timedelta(period.days))),
    )
    return MetricQuery(metric.id, period, comparisons, split, kept, whole=True, trended=random.random() < 1 / 6)


MEMBERS = ("east", "동", "KR", "30", "1", "true", "harvest", "monday", "09:00", "2026-10", "dear", "KRtrue", None)
"""What filters let through; of most dimensions some are no value at all."""
