"""Each planted fact is really in the data: measured with plain SQL, for other seeds and other days too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from kpi_core.demo.planted_facts import Fact, planted_facts
from kpi_core.demo.write import DemoCompany

Ask = Callable[..., list[tuple[Any, ...]]]
WORLDS = [
    (date(2026, 11, 23), 7),
    (date(2026, 11, 22), 7),
    (date(2027, 3, 1), 7),
    (date(2026, 6, 8), 7),
    (date(2026, 11, 23), 11),
]


@pytest.fixture(scope="module", params=WORLDS, ids=lambda world: f"{world[0]}, seed {world[1]}")
def world(
    request: pytest.FixtureRequest, make: Callable[[date, int], tuple[DemoCompany, Ask]]
) -> tuple[dict[str, Fact], Ask]:
    company, ask = make(*request.param)
    return dict(company.facts), ask


World = tuple[dict[str, Fact], Ask]


def test_a_campaigns_roas_falls_to_under_half(world: World) -> None:
    """From the fact's start the campaign returns less than half of what it returned in the twelve weeks before."""
    facts, ask = world
    fact = facts["falling_roas"]
    sql = "SELECT sum(conversion_value) / sum(spend) FROM ad_performance WHERE campaign = ? AND date >= ? AND date < ?"
    before = ask(sql, fact.value, fact.start - timedelta(weeks=12), fact.start)[0][0]
    since = ask(sql, fact.value, fact.start, fact.end)[0][0]
    assert 0.15 < since / before < 0.5


def test_no_other_large_campaigns_roas_falls_so(world: World) -> None:
    """The campaign of the fact is the only large one that falls: the others keep at least two thirds."""
    facts, ask = world
    fact = facts["falling_roas"]
    sql = """
        SELECT sum(conversion_value) FILTER (date >= $1) / sum(spend) FILTER (date >= $1)
             / (sum(conversion_value) FILTER (date < $1) / sum(spend) FILTER (date < $1))
        FROM ad_performance
        WHERE campaign <> $2 AND channel <> 'display' AND date >= $3
          AND campaign NOT IN (SELECT campaign FROM ad_performance GROUP BY ALL HAVING sum(conversion_value) < 15000)
        GROUP BY campaign
    """
    kept = [ratio for (ratio,) in ask(sql, fact.start, fact.value, fact.start - timedelta(weeks=12))]
    assert kept
    assert min(kept) > 0.66


def test_a_week_of_tracking_is_broken(world: World) -> None:
    """In that week about 15 % of the usual visits are counted and none as converted, while orders come as usual."""
    facts, ask = world
    fact = facts["broken_tracking"]
    assert (fact.end - fact.start, fact.start.weekday()) == (timedelta(weeks=1), 0)
    visits = """
        SELECT count(*), count(*) FILTER (converted) FROM (SELECT *, local(started_at) AS day FROM web_sessions)
        WHERE day >= ? AND day < ?
    """
    orders = "SELECT count(*) FROM bought WHERE day >= ? AND day < ?"
    around = (fact.start - timedelta(weeks=2), fact.start)
    (seen, converted), (usual, _) = ask(visits, fact.start, fact.end)[0], ask(visits, *around)[0]
    assert 0.11 < seen / (usual / 2) < 0.20
    assert converted == 0
    assert 0.8 < ask(orders, fact.start, fact.end)[0][0] / (ask(orders, *around)[0][0] / 2) < 1.25


def test_churn_triples_in_one_month(world: World) -> None:
    """Of those subscribed when the month began, three times the share of the months around it leave in it."""
    facts, ask = world
    fact = facts["churn_spike"]
    assert (fact.start.day, fact.end.day) == (1, 1)
    sql = """
        SELECT count(*) FILTER (local(ended_at) >= $1 AND local(ended_at) < $2) / count(*) FROM subscriptions
        WHERE local(started_at) < $1 AND (ended_at IS NULL OR local(ended_at) >= $1)
    """
    before = (fact.start - timedelta(days=1)).replace(day=1)
    after = (fact.end + timedelta(days=31)).replace(day=1)
    spike = ask(sql, fact.start, fact.end)[0][0]
    around = (ask(sql, before, fact.start)[0][0] + ask(sql, fact.end, after)[0][0]) / 2
    assert 2.5 < spike / around < 3.5


def test_displays_cac_jumps(world: World) -> None:
    """For twelve days display spends well over half more for each new customer than in the eight weeks before."""
    facts, ask = world
    fact = facts["display_cac"]
    assert fact.end - fact.start == timedelta(days=12)
    sql = """
        SELECT (SELECT sum(spend) FROM ad_performance WHERE channel = $1 AND date >= $2 AND date < $3)
             / (SELECT count(*) FROM bought WHERE channel = $1 AND number = 1 AND day >= $2 AND day < $3)
    """
    before = ask(sql, fact.value, fact.start - timedelta(weeks=8), fact.start)[0][0]
    since = ask(sql, fact.value, fact.start, fact.end)[0][0]
    assert 1.3 < since / before < 2.1


def test_display_spends_sixty_percent_more_for_as_many_clicks(world: World) -> None:
    """The jump comes from the price: a click costs 1.6 times as much."""
    facts, ask = world
    fact = facts["display_cac"]
    sql = "SELECT sum(spend) / sum(clicks) FROM ad_performance WHERE channel = ? AND date >= ? AND date < ?"
    before = ask(sql, fact.value, fact.start - timedelta(days=12), fact.start)[0][0]
    since = ask(sql, fact.value, fact.start, fact.end)[0][0]
    assert 1.35 < since / before < 1.95


def test_names_that_look_like_formulas_are_in_the_data(world: World) -> None:
    """Two tiny campaigns have names that a careless program would execute; they stand in the data letter by letter."""
    facts, ask = world
    names = {fact.value for key, fact in facts.items() if key.startswith("hostile_name")}
    spent = dict(ask("SELECT campaign, sum(spend)::DOUBLE FROM ad_performance GROUP BY 1"))
    assert {str(name)[0] for name in names} == {"=", "<"}
    assert all(0 < spent[name] < 0.01 * sum(spent.values()) for name in names)


def test_facts_have_their_dates_and_words() -> None:
    """All facts lie before today and within the data, name a KPI, and say in one sentence what happens."""
    today = date(2026, 11, 23)
    facts = planted_facts(today)
    assert [key for key in facts if not key.startswith("hostile")] == [
        "falling_roas",
        "broken_tracking",
        "churn_spike",
        "display_cac",
    ]
    assert (facts["falling_roas"].start, facts["falling_roas"].end) == (date(2026, 10, 12), today)
    assert (facts["broken_tracking"].start, facts["broken_tracking"].end) == (date(2026, 10, 19), date(2026, 10, 26))
    assert (facts["churn_spike"].start, facts["churn_spike"].end) == (date(2026, 9, 1), date(2026, 10, 1))
    assert (facts["display_cac"].start, facts["display_cac"].end) == (date(2026, 11, 10), date(2026, 11, 22))
    assert all(fact.start < fact.end <= today and fact.sentence.endswith(".") for fact in facts.values())
