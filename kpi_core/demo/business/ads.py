"""What marketing costs: ad platforms by day and ad group, other cost lines, monthly budgets."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kpi_core.demo.company import DEVICES, FREE_ROUTES, REGIONS, routes
from kpi_core.demo.generated_table import EMPTY, Column, Table, coded, day, hundredths, text, whole
from kpi_core.demo.planted_facts import factor
from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from datetime import date

    from kpi_core.demo.business.traffic import Flow
    from kpi_core.demo.draws import Draws, Floats, Ints
    from kpi_core.demo.planted_facts import Facts
    from kpi_core.demo.seasons import Days

_ONE_DAY = timedelta(days=1)
_CLAIMED = 0.60
_MODELLED = 1.05
_CLAIMED_ORDER = 96.0


@frozen
class Outcome:
    """What came of the ads, a day (rows) and route (columns): clicks, purchases, their revenue, app installs."""

    clicks: Ints
    purchases: Floats
    revenue: Floats
    installs: Ints


@frozen
class CostLine:
    """`on` is a day of the month, or a weekday (0 = Monday) with `weekly`."""

    category: str
    channel: str | None
    amount: float
    on: int
    weekly: bool = False
    spread: float = 0.0


COST_LINES = (
    CostLine("tools", "email", 320, 1),
    CostLine("tools", None, 260, 1),
    CostLine("tools", None, 340, 1),
    CostLine("agency", None, 1100, 5, spread=0.05),
    CostLine("other", "social", 420, 15, spread=0.15),
    CostLine("salaries", None, 13_500, 25),
    CostLine("other", "affiliate", 105, 0, weekly=True, spread=0.2),
)


def ad_performance(draws: Draws, days: Days, outcome: Outcome, expected: Flow, facts: Facts) -> Table:
    """One row a day and ad group. Conversions are what platforms claim: a part of the orders, the rest by model."""
    import numpy as np

    first = len(FREE_ROUTES)
    spend = _spend(draws, days, outcome.clicks, facts)[:, first:]
    impressions = _impressions(draws, days, outcome.clicks, expected)[:, first:]
    modelled = (expected.clicks * expected.conversion)[:, first:]
    # A platform sees a part of the real orders and makes up the rest from what it expected: so it never quite fits.
    conversions = _CLAIMED * outcome.purchases[:, first:] + _MODELLED * modelled
    value = _CLAIMED * outcome.revenue[:, first:] + _MODELLED * _CLAIMED_ORDER * modelled
    views = np.rint(impressions * np.array([way.views for way in routes()[first:]]))
    shape = impressions.shape
    return {
        "date": day(np.repeat(days.ordinals, shape[1])),
        **_where(days.count),
        "impressions": whole(impressions.ravel()),
        "clicks": whole(outcome.clicks[:, first:].ravel()),
        "spend": hundredths(spend.ravel()),
        "conversions": hundredths(conversions.ravel()),
        "conversion_value": hundredths(value.ravel()),
        "installs": whole(_claimed_installs(outcome.installs[:, first:]).ravel()),
        "video_views": whole(views.astype(np.int64).ravel()),
    }


def _where(count: int) -> dict[str, Column]:
    import numpy as np

    paid = [way for way in routes() if way.paid]
    columns: dict[str, Column] = {}
    for name in ("platform", "channel", "campaign", "ad_group"):
        words, codes = coded([getattr(way, name) for way in paid])
        columns[name] = text(words, np.tile(codes, count))
    for name, words in (("region", REGIONS), ("device", DEVICES)):
        codes = np.array([words.index(getattr(way, name)) for way in paid], dtype=np.int64)
        columns[name] = text(words, np.tile(codes, count))
    return columns


def _spend(draws: Draws, days: Days, clicks: Ints, facts: Facts) -> Floats:
    """Clicks cost more when everybody advertises."""
    import numpy as np

    ways = routes()
    affected = np.array([way.channel == "display" for way in ways])
    season = np.where(days.buying > 1.05, 1.18, 1.0)[:, None]
    noise = draws.noise(0.10, "ads/cpc", days.ordinals[:, None], np.arange(len(ways))[None, :])
    price = np.array([way.cpc for way in ways])[None, :] * season * noise
    price *= np.where(affected[None, :], factor(facts["display_cac"], days.ordinals)[:, None], 1.0)
    spend: Floats = clicks * price
    return spend


def _impressions(draws: Draws, days: Days, clicks: Ints, expected: Flow) -> Ints:
    """Never fewer than the clicks."""
    import numpy as np

    ways = routes()
    # Free ways have no rate; their columns are cut off by whoever asks.
    rate = np.array([way.ctr or 1.0 for way in ways])[None, :]
    noise = draws.noise(0.12, "ads/impressions", days.ordinals[:, None], np.arange(len(ways))[None, :])
    impressions = np.rint((0.5 * clicks + 0.5 * expected.clicks) / rate * noise).astype(np.int64)
    at_least: Ints = np.maximum(impressions, clicks)
    return at_least


def _claimed_installs(installs: Ints) -> Ints:
    """Platforms count a little more than the app does."""
    return installs + installs // 6


LATE_BILL = CostLine("agency", None, 900, 25)


def costs(draws: Draws, days: Days, facts: Facts) -> Table:
    """Everything but ad spend, on the day it is paid; a late bill is there from the day on which it was entered."""
    import numpy as np

    late = {fact.start for fact in facts.get("late_bill", ()) if fact.end - _ONE_DAY <= days.dates()[-1]}
    rows = [
        (int(ordinal), number, line)
        for ordinal, date_, weekday in zip(days.ordinals, days.dates(), days.weekday, strict=True)
        for number, line in enumerate((*COST_LINES, *([LATE_BILL] if date_ in late else [])))
        if (line.on == weekday if line.weekly else line.on == date_.day)
    ]
    ordinals = np.array([row[0] for row in rows], dtype=np.int64)
    numbers = np.array([row[1] for row in rows], dtype=np.int64)
    spread = np.array([row[2].spread for row in rows])
    noise = 1.0 + spread * (2.0 * draws.uniform("costs", ordinals, numbers) - 1.0)
    channel_words, channels = coded([row[2].channel for row in rows])
    category_words, categories = coded([row[2].category for row in rows])
    return {
        "date": day(ordinals),
        "category": text(category_words, categories),
        "channel": text(channel_words, channels),
        "amount": hundredths(np.array([row[2].amount for row in rows]) * noise),
    }


def budgets(days: Days) -> Table:
    """What each paid channel may spend a month, for every month with data."""
    import numpy as np

    months = [date_ for date_ in days.dates() if date_.day == 1]
    starts = days.ordinals[[date_.day == 1 for date_ in days.dates()]]
    plan = _planned_a_day()
    amounts = [_budget(month, a_day) for month in months for a_day in plan.values()]
    words, channels = coded(list(plan) * len(months))
    return {
        "month": day(np.repeat(starts, len(plan))),
        "channel": text(words, channels),
        "campaign": text((), np.full(len(amounts), EMPTY, dtype=np.int64)),
        "amount": hundredths(np.array(amounts)),
    }


def _planned_a_day() -> dict[str, float]:
    plan: dict[str, float] = {}
    for way in routes():
        if way.paid and way.channel:
            plan[way.channel] = plan.get(way.channel, 0.0) + way.daily * way.cpc
    return plan


def _budget(month: date, a_day: float) -> float:
    """Dollars, in hundreds; more for the season before Christmas, and more from year to year."""
    season = {11: 1.30, 12: 1.20}.get(month.month, 1.0)
    years = month.year - 2026
    return round(a_day * 30.4 * season * (1.04 + 0.10 * years / (1 + abs(years)))) // 100 * 100.0 + 100.0
