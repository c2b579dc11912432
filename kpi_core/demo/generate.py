"""The demo company's tables, one after the other: traffic first, then everything that follows from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from kpi_core.demo.business import ads, audience, market, purchases, sales, subscriptions, traffic
from kpi_core.demo.business import mobile_app as app
from kpi_core.demo.business.purchases import CART_DAYS
from kpi_core.demo.draws import Draws
from kpi_core.demo.generated_table import Table
from kpi_core.demo.planted_facts import all_facts
from kpi_core.demo.seasons import day_number, days_until
from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from kpi_core.demo.draws import Ints
    from kpi_core.demo.planted_facts import Facts
    from kpi_core.demo.seasons import Days


@frozen
class _World:
    """What happened, before it is written down as tables."""

    draws: Draws
    days: Days
    facts: Facts
    expected: traffic.Flow
    clicks: Ints
    visits: traffic.Visits
    """All of them, those of returning customers too."""
    sessions: traffic.Visits
    """Those that the web analytics are asked for."""
    coming: traffic.Visits
    """With those of the next days."""
    bought: traffic.Visits
    boxes: subscriptions.Boxes
    leads: sales.Leads
    deals: sales.Deals
    installs: app.Installs


def generate(today: date, seed: int = 7, sessions_since: date | None = None) -> Iterator[tuple[str, Table]]:
    """Each table by name, in the order of TABLES. `today` is the company's local date; its data ends the day before.

    With `sessions_since`, the visits before that day are left out of the table that has a row for each.
    """
    world = _world(today, seed)
    if sessions_since is not None:
        recent = world.days.ordinals[world.visits.day] >= day_number(sessions_since)
        world = replace(world, sessions=world.visits.take(recent))
    for name, build in _TABLES.items():
        yield name, build(world)


def _world(today: date, seed: int) -> _World:
    draws, days, facts = Draws(seed), days_until(today), all_facts(today)
    # A cart that is bought in some days is there today already.
    ahead, facts_ahead = days_until(today, CART_DAYS), all_facts(today + timedelta(days=CART_DAYS))
    expected = traffic.flow(draws, ahead, facts_ahead)
    clicks, arrived = traffic.clicks_and_visits(draws, ahead, expected)
    visits = traffic.visits(draws, ahead, arrived, expected)
    first = purchases.first_purchases(visits)
    again = purchases.repeat_visits(draws, ahead, first)
    coming = visits.and_also(again)
    expected, clicks = (
        traffic.Flow(expected.clicks[: days.count], expected.conversion[: days.count]),
        clicks[: days.count],
    )
    first, again, visits = (part.take(part.day < days.count) for part in (first, again, coming))
    all_leads = sales.leads(draws, days)
    return _World(
        draws=draws,
        days=days,
        facts=facts,
        expected=expected,
        clicks=clicks + purchases.by_day_and_route(days, again).astype(clicks.dtype),
        visits=visits,
        sessions=visits,
        coming=coming,
        bought=visits.take(visits.bought),
        boxes=subscriptions.boxes_of(draws, days, first, facts),
        leads=all_leads,
        deals=sales.deals_of(all_leads),
        installs=app.installs(draws, days, clicks),
    )


def _ad_performance(world: _World) -> Table:
    outcome = ads.Outcome(
        clicks=world.clicks,
        purchases=purchases.by_day_and_route(world.days, world.bought),
        revenue=purchases.by_day_and_route(
            world.days, world.bought, purchases.revenue(world.draws, world.days, world.bought)
        ),
        installs=world.installs.counts,
    )
    return ads.ad_performance(world.draws, world.days, outcome, world.expected, world.facts)


_TABLES: dict[str, Callable[[_World], Table]] = {
    "ad_performance": _ad_performance,
    "web_sessions": lambda world: traffic.web_sessions(world.draws, world.days, world.sessions, world.facts),
    "orders": lambda world: purchases.orders(world.draws, world.days, world.bought, world.deals),
    "carts": lambda world: purchases.carts(world.draws, world.days, world.coming),
    "touchpoints": lambda world: purchases.touchpoints(world.draws, world.visits, world.deals),
    "leads": lambda world: sales.leads_table(world.leads),
    "subscriptions": lambda world: subscriptions.subscriptions(world.boxes),
    "subscription_changes": lambda world: subscriptions.subscription_changes(world.boxes),
    "app_installs": lambda world: app.app_installs(world.draws, world.days, world.installs),
    "app_activity": lambda world: app.app_activity(world.draws, world.days, world.installs),
    "costs": lambda world: ads.costs(world.draws, world.days, world.facts),
    "budgets": lambda world: ads.budgets(world.days),
    "email_campaigns": lambda world: audience.email_campaigns(world.draws, world.days),
    "social_posts": lambda world: audience.social_posts(world.draws, world.days),
    "social_accounts": lambda world: audience.social_accounts(world.draws, world.days),
    "survey_responses": lambda world: audience.survey_responses(world.draws, world.days, world.bought),
    "brand_mentions": lambda world: market.brand_mentions(world.draws, world.days),
    "brand_searches": lambda world: market.brand_searches(world.draws, world.days),
    "market_sales": lambda world: market.market_sales(world.draws, world.days),
    "production": lambda world: market.production(world.draws, world.days),
}

TABLES = tuple(_TABLES)
"""All models that come built in."""
