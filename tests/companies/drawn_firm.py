"""A small firm in which one thing goes wrong, drawn by a seed: what it is, and the tables that show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

import duckdb
import numpy as np

from kpi_core.alerts.all_rules import incidents
from kpi_core.alerts.episode import Scope
from kpi_core.alerts.incident import Incident
from kpi_core.answering.engine import Engine
from kpi_core.answers import Answer
from kpi_core.query import MetricQuery
from kpi_core.settings.values import Alert
from kpi_core.warehouse.duckdb import DuckDBWarehouse

from tables import CATALOG, settings, write_tables

TODAY = date(2026, 11, 23)
DAYS = 75
CHANNELS = ("search", "social", "display", "email")
VISITS = (900, 700, 500, 400)
RATES = (0.05, 0.035, 0.01, 0.06)
PAID = CHANNELS[:3]
Kind = Literal["rate", "mix", "price", "clicks_per_impression", "orders_per_visit", "stopped", "nothing"]
KINDS: tuple[Kind, ...] = ("rate", "mix", "price", "clicks_per_impression", "orders_per_visit", "stopped")
RULES = (
    Alert("anomaly", "C01", "conversion_rate"),
    Alert("anomaly", "C01", "conversion_rate", by="channel"),
    Alert("anomaly", "C01", "cpc"),
    Alert("anomaly", "C01", "cpc", by="channel"),
    Alert("anomaly", "C01", "ctr"),
    Alert("anomaly", "C01", "new_customers"),
    Alert("stale", "C01", "conversion_rate"),
)


@dataclass(frozen=True)
class Trouble:
    """What is wrong from a day on; `channel` is empty where it is the same everywhere."""

    kind: Kind
    channel: str
    start: date


def trouble_of(seed: int) -> Trouble:
    """Each kind in turn, its channel and its day by chance."""
    luck = np.random.default_rng([7, seed])
    kind = KINDS[seed % len(KINDS)]
    channel = ""
    if kind in {"rate", "price"}:
        channel = str(luck.choice(PAID if kind == "price" else ("search", "social", "email")))
    if kind == "mix":
        channel = "display"
    return Trouble(kind, channel, TODAY - timedelta(days=int(luck.integers(3, 9))))


def drawn_firm(path: Path, seed: int, trouble: Trouble) -> Engine:
    """Four channels with their visits, orders and ads, by chance around a weekly shape."""
    luck = np.random.default_rng([11, seed])
    write_tables(path, {"ad_performance": [], "web_sessions": [], "orders": []})
    ads, visits = [], []
    for number in range(DAYS):
        day = TODAY - timedelta(days=DAYS - number)
        on = day >= trouble.start
        week = (1.05, 1.0, 1.0, 0.95, 0.9, 1.0, 1.1)[day.weekday()] * float(np.exp(luck.normal(0, 0.04)))
        for channel, usual, rate in zip(CHANNELS, VISITS, RATES, strict=True):
            mine = on and trouble.channel == channel
            count = int(luck.poisson(usual * week * (6.0 if mine and trouble.kind == "mix" else 1.0)))
            share = rate * (0.3 if mine and trouble.kind == "rate" else 1.0)
            share *= 0.45 if on and trouble.kind == "orders_per_visit" else 1.0
            if not (on and trouble.kind == "stopped"):
                visits.append((day, channel, count, int(luck.binomial(count, share))))
            if channel in PAID:
                shown = int(luck.poisson(count * 60 * (2.0 if on and trouble.kind == "clicks_per_impression" else 1.0)))
                price = float(np.exp(luck.normal(0, 0.05))) * (1.9 if mine and trouble.kind == "price" else 1.0)
                ads.append((day, channel, shown, count, round(count * price, 2)))
    _write(path, ads, visits)
    return Engine(settings(), CATALOG, DuckDBWarehouse(path))


def _write(path: Path, ads: list[tuple[object, ...]], visits: list[tuple[object, ...]]) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "INSERT INTO ad_performance BY NAME SELECT col0 AS date, col1 AS channel, col1 || ' ads' AS campaign,"
            f" col2 AS impressions, col3 AS clicks, col4 AS spend FROM (VALUES {_values(ads)})"
        )
        connection.execute(
            "CREATE TEMP TABLE counts AS SELECT col0 AS day, col1 AS channel, col2 AS visits, col3 AS converted"
            f" FROM (VALUES {_values(visits)})"
        )
        connection.execute(
            "INSERT INTO web_sessions BY NAME SELECT concat_ws('-', day, channel, n) AS session_id,"
            " session_id AS visitor_id, day + INTERVAL 12 HOUR AS started_at, channel, 1 AS pageviews,"
            " n < converted AS converted"
            " FROM counts, unnest(range(visits)) AS one(n)"
        )
        connection.execute(
            "INSERT INTO orders BY NAME SELECT concat_ws('-', day, channel, n) AS order_id, order_id AS customer_id,"
            " day + INTERVAL 13 HOUR AS ordered_at, channel, 40 AS revenue"
            " FROM counts, unnest(range(converted)) AS one(n)"
        )


def _values(rows: list[tuple[object, ...]]) -> str:
    return ", ".join(f"(DATE '{day}', {', '.join(repr(cell) for cell in rest)})" for day, *rest in rows)


def incidents_in(engine: Engine, rules: tuple[Alert, ...] = RULES, since: date | None = None) -> tuple[Incident, ...]:
    """What the rules have to say of the last days."""

    def ask(queries: Sequence[MetricQuery], day: date) -> Sequence[Answer]:
        return engine.answers(queries, datetime(day.year, day.month, day.day, 9, tzinfo=UTC))

    now = datetime(TODAY.year, TODAY.month, TODAY.day, 9, tzinfo=UTC)
    scope = Scope(
        ask, engine.catalog, engine.settings.calendar, engine.goals(), engine.health(), engine.coverage(now),
        since or TODAY - timedelta(days=12), TODAY,
    )  # fmt: skip
    return incidents(rules, scope, engine.vocabulary().splits_of)


def names(incident: Incident, trouble: Trouble) -> bool:
    """Whether the first cause that an incident names is the trouble."""
    episode, cause = incident.lead.episode, incident.lead.cause
    place = dict((*episode.segment, *cause.segment)).get("channel", "")
    step = cause.steps[0].part if cause.steps else ""
    truths: dict[Kind, bool] = {
        "stopped": episode.source == "web_sessions",
        "rate": episode.kpi == "conversion_rate" and not cause.by_weight,
        "mix": cause.by_weight,
        "price": episode.kpi == "cpc" and step == "ad_spend",
        "clicks_per_impression": episode.kpi == "ctr" and step == "impressions",
        "orders_per_visit": step in {"conversions", "new_customers"},
    }
    return place == trouble.channel and truths[trouble.kind]
