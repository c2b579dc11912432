"""What ads brought in by all who claim it: platforms, the order's channel, and the touches before a sale."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.cards.reasons.truth_lines import truths_lines
from bot.slack.listeners.request import read_request
from kpi_core.answering.engine import Engine
from kpi_core.dates.periods import Period
from kpi_core.errors import QuestionError
from kpi_core.query import Filter, MetricQuery
from kpi_core.questions.intents.asking_three_ways import asked_three_ways
from kpi_core.reasons.three_truths import Truths, three_truths

from tables import CATALOG, engine_on

NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1), "month")
LOOP = next(each.tables for each in CATALOG.metrics["roas@first_touch"].examples)


def truths_of(engine: Engine, *filters: Filter, hidden: str = "") -> Truths:
    query = MetricQuery("roas", OCTOBER, (), (), tuple(filters))
    return three_truths(lambda queries: engine.answers(queries, NOW), lambda metric: metric != hidden, query)


def test_the_card_by_hand(tmp_path: Path) -> None:
    """Platforms claim 1200 of 200 spent; first touches give 550, last ones 250; 100 of 650 is nobody's."""
    engine = engine_on(tmp_path / "kpi.duckdb", LOOP)
    truths = truths_of(engine)
    assert [answer.value for answer in truths.ways] == [6, 0, 2.75, 1.25]
    assert truths.over_claim == pytest.approx(4.8)
    assert truths.untouched is not None
    assert truths.untouched.value == pytest.approx(100 / 650)
    english = truths_lines(truths, "en")
    assert english[0] == "Return on ad spend three ways · October 2026 so far"
    told = {line.split(":")[0]: line for line in english[1:5]}
    assert "$1,200" in told["Platforms claim"]
    assert "$0" in told["Last click (the order's channel)"]
    assert "$550" in told["Closed loop, first touch"]
    assert "$250" in told["Closed loop, last touch"]
    assert english[5].startswith("Platforms claim 4.8")
    assert "90 days" in english[-1]
    assert "27" in "\n".join(truths_lines(truths, "ko"))
    assert "90 天" in truths_lines(truths, "zh-TW")[-1]


def test_a_limited_reading_is_left_out(tmp_path: Path) -> None:
    """Who may not see a reading sees the others, and no factor that would give it away."""
    truths = truths_of(engine_on(tmp_path / "kpi.duckdb", LOOP), hidden="roas@last_touch")
    assert [answer.metric.id for answer in truths.ways] == ["roas", "roas@last_click", "roas@first_touch"]
    assert truths.over_claim is None


def test_what_touches_have_not_is_not_asked(tmp_path: Path) -> None:
    """Of a region only those are told whose tables know regions; of a channel all are."""
    engine = engine_on(tmp_path / "kpi.duckdb", LOOP)
    assert len(truths_of(engine, Filter("region", ("KR",))).ways) == 2
    search = truths_of(engine, Filter("channel", ("search",)))
    assert [answer.value for answer in search.ways] == [9, 0, 3, None]


def test_without_sales_there_is_what_platforms_claim(tmp_path: Path) -> None:
    """A firm with advertising alone has one of the readings, and a reason for each of the others."""
    engine = engine_on(tmp_path / "kpi.duckdb", {"ad_performance": LOOP["ad_performance"]})
    truths = truths_of(engine)
    assert [answer.value for answer in truths.ways] == [6, None, None, None]
    assert truths.over_claim is None
    assert "untouched_sales" in engine.unavailable_kpis()


def test_another_kpi_is_refused() -> None:
    """Only ROAS is claimed by so many; the error offers the question."""
    with pytest.raises(QuestionError) as refused:
        three_truths(lambda _queries: [], lambda _metric: True, MetricQuery("cac", OCTOBER))
    assert refused.value.suggestions == ("roas three ways",)


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ("roas three ways last month", "roas last month"),
        ("ROAS in 3 ways", "ROAS"),
        ("three truths october", "roas october"),
        ("roas 세 가지 기준 지난달", "roas 지난달"),
        ("roas 三種口徑 上個月", "roas 上個月"),
        ("roas last month", None),
        ("three campaigns roas", None),
    ],
)
def test_the_words(typed: str, question: str | None) -> None:
    """In three languages, at a terminal and in Slack alike; what names no KPI means ROAS."""
    assert asked_three_ways(typed) == question
    assert (read_request(typed).kind == "truths") == (question is not None)


@pytest.mark.parametrize("seed", range(4))
def test_credits_equal_a_naive_query(tmp_path: Path, seed: int) -> None:
    """Sales, touches and leads drawn at random: each sale's first and last touch is what a plain loop finds."""
    tables = drawn(Random(seed))
    engine = engine_on(tmp_path / "kpi.duckdb", tables)
    first, last, untouched, total = credited(tables)
    truths = truths_of(engine)
    values = {answer.metric.id: answer.parts["attributed_revenue"] for answer in truths.ways}
    assert values["roas@first_touch"] == pytest.approx(first or None)
    assert values["roas@last_touch"] == pytest.approx(last or None)
    assert truths.untouched is not None
    assert truths.untouched.value == pytest.approx(untouched / total)
    assert truths.claimed.value == pytest.approx(0.7)


def drawn(luck: Random) -> dict[str, list[dict[str, Any]]]:
    """Ten customers, some unknown; instants a minute apart at least, so that no two touches tie."""
    minutes = luck.sample(range(150 * 24 * 60), 90)

    def moment() -> datetime:
        return datetime(2026, 6, 5) + timedelta(minutes=minutes.pop())

    def customer() -> str | None:
        return luck.choice([None, *(f"c{number}" for number in range(10))])

    channels = ["search", "social", "email", None]
    leads = []
    for number in range(15):
        created = moment()
        won = created + timedelta(days=luck.randrange(1, 40), seconds=7) if luck.random() < 0.6 else None
        amount = luck.choice([None, luck.randrange(10, 500)])
        lead = {"lead_id": f"l{number}", "customer_id": customer(), "created_at": created, "won_at": won}
        leads.append(lead | {"amount": amount, "channel": luck.choice(channels)})
    return {
        "ad_performance": [
            {"date": date(2026, 10, 3), "channel": name, "spend": 100, "conversion_value": 70}
            for name in ("search", "social")
        ],
        "touchpoints": [
            {"customer_id": customer() or "c1", "touched_at": moment(), "channel": luck.choice(channels)}
            for _number in range(30)
        ],
        "orders": [
            {"order_id": f"o{number}", "customer_id": customer(), "ordered_at": moment()}
            | {"revenue": luck.randrange(0, 300), "refunded_amount": luck.choice([None, 5])}
            for number in range(30)
        ],
        "leads": leads,
    }


def credited(tables: dict[str, list[dict[str, Any]]]) -> tuple[float, float, float, float]:
    """By a plain loop: what first and last touches of paid channels get, what is nobody's, and all."""
    touches = [(each["customer_id"], each["touched_at"], each["channel"]) for each in tables["touchpoints"]]
    touches += [
        (each["customer_id"] or each["lead_id"], each["created_at"], each["channel"])
        for each in tables["leads"]
        if each["channel"] is not None
    ]
    first = last = untouched = total = 0.0
    for buyer, sold_at, amount in sales(tables):
        if not datetime(2026, 10, 1) <= sold_at < datetime(2026, 11, 1):
            continue
        total += amount
        own = [
            (at, channel)
            for who, at, channel in touches
            if who == buyer and sold_at - timedelta(days=90) <= at <= sold_at
        ]
        if not own:
            untouched += amount
            continue
        first += amount if min(own)[1] in {"search", "social"} else 0
        last += amount if max(own)[1] in {"search", "social"} else 0
    return first, last, untouched, total


def sales(tables: dict[str, list[dict[str, Any]]]) -> list[tuple[str, datetime, float]]:
    """Orders after refunds, and won leads whose customer has not ordered since."""
    orders = [each for each in tables["orders"] if each["revenue"] > 0]
    found = [
        (each["customer_id"] or each["order_id"], each["ordered_at"], each["revenue"] - (each["refunded_amount"] or 0))
        for each in orders
    ]
    for lead in tables["leads"]:
        since = [
            each
            for each in orders
            if lead["customer_id"] is not None
            and each["customer_id"] == lead["customer_id"]
            and each["ordered_at"] >= lead["created_at"]
        ]
        if lead["won_at"] is not None and lead["amount"] is not None and not since:
            found.append((lead["customer_id"] or lead["lead_id"], lead["won_at"], lead["amount"]))
    return found
