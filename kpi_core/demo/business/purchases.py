"""Customers and what they buy: first purchases, coming back, orders, carts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpi_core.demo.business.traffic import Visits, landing_page, time_of_day
from kpi_core.demo.company import DEVICES, LANDING_PAGES, REGIONS, REPEAT_SHARES, routes
from kpi_core.demo.generated_table import EMPTY, Table, coded, flag, hundredths, identity, instant, text
from kpi_core.demo.seasons import SHOP_WEEK

if TYPE_CHECKING:
    from kpi_core.demo.business.sales import Deals
    from kpi_core.demo.draws import Draws, Flags, Floats, Ints
    from kpi_core.demo.seasons import Days

# The chance of one more order, by how many a customer has had; loyal ones stay.
_AGAIN = (0.34, 0.46, 0.53, 0.57, 0.60, 0.60, 0.60)
_DAYS_BETWEEN = 44.0
_BY_THE_SAME_AD = 0.35
_TYPICAL_ORDER = 77.0
_SPREAD = 0.55
_ABANDONED = 0.066
CART_DAYS = 5
"""A cart is bought within so many days, or never."""


def first_purchases(all_visits: Visits) -> Visits:
    """Each customer's first buying visit; the visitor's key is the customer's key."""
    import numpy as np

    bought = all_visits.take(all_visits.bought)
    # Stable here and elsewhere: ties fall alike on every machine.
    bought = bought.take(np.argsort(bought.second, kind="stable"))
    return bought.take(np.unique(bought.visitor, return_index=True)[1])


def repeat_visits(draws: Draws, days: Days, first: Visits) -> Visits:
    """The buying visits by which customers come back: email and direct mostly, or the campaign that won them."""
    import numpy as np

    empty = np.zeros(0, dtype=np.int64)
    repeats = first.take(empty)
    customer, day = first, first.day
    for turn, again in enumerate(_AGAIN, 1):
        wants = draws.uniform("again/wants", customer.visitor, turn) < again
        later = _next_day(draws, days, customer.visitor, day, turn)
        returning = wants & (later < days.count)
        customer, day = customer.take(returning), later[returning]
        repeats = repeats.and_also(_repeat_visit(draws, days, customer, day, turn))
    return repeats


def _next_day(draws: Draws, days: Days, customer: Ints, day: Ints, turn: int) -> Ints:
    """Weeks later, on a weekday as busy as the shop's."""
    import numpy as np

    between = _DAYS_BETWEEN * draws.noise(0.8, "again/between", customer, turn)
    about = day + np.maximum(np.rint(between), 7).astype(np.int64)
    buying_weekday = draws.choice(SHOP_WEEK, "again/weekday", customer, turn)
    # Monday is the fourth day since 1970-01-01, a Thursday.
    weekday = (days.ordinals[0] + about + 3) % 7
    later: Ints = about - weekday + buying_weekday
    return later


def _repeat_visit(draws: Draws, days: Days, customer: Visits, day: Ints, turn: int) -> Visits:
    import numpy as np

    paid = np.array([way.paid for way in routes()])
    same = paid[customer.route] & (draws.uniform("again/same_ad", customer.visitor, turn) < _BY_THE_SAME_AD)
    other = draws.choice(REPEAT_SHARES, "again/route", customer.visitor, turn)
    key = customer.visitor * 10 + turn
    return Visits(
        key=key,
        visitor=customer.visitor,
        day=day,
        second=days.midnight[day] + time_of_day(draws, key, days.length[day]),
        route=np.where(same, customer.route, other),
        region=customer.region,
        device=customer.device,
        new=np.zeros(len(key), dtype=np.bool_),
        bought=np.ones(len(key), dtype=np.bool_),
    )


def revenue(draws: Draws, days: Days, bought: Visits) -> Floats:
    """Dollars an order; a few are free samples."""
    import numpy as np

    typical = _TYPICAL_ORDER * np.exp(_SPREAD * draws.normal("order/revenue", bought.key))
    season = np.where(days.buying[bought.day] > 1.05, 1.08, 1.0)
    # Keys of repeat visits have a digit more: who comes back spends a little more.
    amount = np.rint(typical * season * np.where(bought.key > 10**12, 1.06, 1.0) * 100) / 100
    return np.where(draws.uniform("order/sample", bought.key) < 0.004, 0.0, amount)


def ordered_at(draws: Draws, bought: Visits) -> Ints:
    """Some minutes into the visit."""
    import numpy as np

    return bought.second + 120 + np.floor(1500 * draws.uniform("order/minutes", bought.key)).astype(np.int64)


def orders(draws: Draws, days: Days, bought: Visits, deals: Deals) -> Table:
    """The shop's orders and those that the sales team won."""
    import numpy as np

    ways = routes()
    channel_words, channels = coded([way.channel for way in ways])
    campaign_words, campaigns = coded([way.campaign for way in ways])
    key, route = np.concatenate([bought.key, deals.key]), np.concatenate([bought.route, deals.route])
    amount = np.concatenate([revenue(draws, days, bought), deals.amount])
    by_hand = np.arange(len(key)) >= len(bought.key)
    page = np.array([page.startswith("/lp/") for page in LANDING_PAGES])[landing_page(draws, key)]
    # A free sample costs its postage.
    cost = np.where(amount > 0, amount * (0.40 + 0.12 * draws.uniform("order/cost", key)), 11.5)
    return {
        "order_id": identity("O", key),
        "customer_id": identity("C", np.concatenate([bought.visitor, deals.key])),
        "ordered_at": instant(np.concatenate([ordered_at(draws, bought), deals.won])),
        "channel": text(channel_words, channels[route]),
        "campaign": text(campaign_words, campaigns[route]),
        "region": text(REGIONS, np.concatenate([bought.region, deals.region])),
        "device": text(DEVICES, np.concatenate([bought.device, np.full(len(deals.key), EMPTY)])),
        "revenue": hundredths(amount),
        "cost_of_goods": hundredths(cost),
        "refunded_amount": hundredths(_refunds(draws, key, amount, by_hand)),
        "landing": flag(page & ~by_hand),
    }


def _refunds(draws: Draws, key: Ints, amount: Floats, by_hand: Flags) -> Floats:
    """Whole or in part, for one order in twenty of the shop; empty for the others."""
    import numpy as np

    refunded = (draws.uniform("refund/any", key) < 0.05) & (amount > 0) & ~by_hand
    part = np.where(draws.uniform("refund/whole", key) < 0.6, 1.0, 0.2 + 0.6 * draws.uniform("refund/part", key))
    return np.where(refunded, amount * part, float(EMPTY))


def carts(draws: Draws, days: Days, all_visits: Visits) -> Table:
    """A cart for each purchase, begun minutes or a few days before, and those that were left behind.

    `all_visits` are also those of the next CART_DAYS: their carts may be there already, not bought yet.
    """
    import numpy as np

    left = abandoned(draws, all_visits)
    both = all_visits.take(all_visits.bought | left)
    bought_at = np.where(both.bought, ordered_at(draws, both), EMPTY)
    slow = both.bought & (draws.uniform("cart/slow", both.key) < 0.12)
    before = np.where(slow, (CART_DAYS - 1) * 86_400, 100) * draws.uniform("cart/before", both.key)
    begun = np.where(both.bought, bought_at - before.astype(np.int64), both.second + 90)
    begun_by_now = begun < days.end
    both, begun, bought_at = both.take(begun_by_now), begun[begun_by_now], bought_at[begun_by_now]
    bought_at = np.where(bought_at < days.end, bought_at, EMPTY)
    words, channels = coded([way.channel for way in routes()])
    return {
        "cart_id": identity("K", both.key),
        # A cart from before the first day would be one of a month without visits.
        "created_at": instant(np.maximum(begun, days.midnight[0])),
        "channel": text(words, channels[both.route]),
        "device": text(DEVICES, both.device),
        "purchased_at": instant(bought_at),
    }


def abandoned(draws: Draws, all_visits: Visits) -> Flags:
    """Visits that filled a cart and bought nothing."""
    return ~all_visits.bought & (draws.uniform("cart/left", all_visits.key) < _ABANDONED)


def touchpoints(draws: Draws, all_visits: Visits, deals: Deals) -> Table:
    """Every visit of people whose name is known: customers, those who left a cart, and buyers of the sales team."""
    import numpy as np

    identified = np.unique(all_visits.visitor[all_visits.bought | abandoned(draws, all_visits)])
    seen = all_visits.take(np.isin(all_visits.visitor, identified))
    ways = routes()
    channel_words, channels = coded([way.channel for way in ways])
    campaign_words, campaigns = coded([way.campaign for way in ways])
    kinds = ("visit", "click", "form", "call", "chat")
    by_click = np.array([way.paid or way.channel in {"email", "affiliate"} for way in ways])[seen.route]
    call = kinds.index("call") + (draws.uniform("touch/chat", deals.key) < 0.3)
    route = np.concatenate([seen.route, deals.route, deals.route])
    return {
        "customer_id": identity("C", np.concatenate([seen.visitor, deals.key, deals.key])),
        "touched_at": instant(np.concatenate([seen.second, deals.created, deals.accepted])),
        "channel": text(channel_words, channels[route]),
        "campaign": text(campaign_words, campaigns[route]),
        "kind": text(kinds, np.concatenate([by_click.astype(np.int64), np.full(len(deals.key), 2), call])),
    }


def by_day_and_route(days: Days, bought: Visits, amounts: Floats | None = None) -> Floats:
    """Purchases, or their amounts, a day (rows) and route (columns)."""
    import numpy as np

    width = len(routes())
    cell = bought.day * width + bought.route
    counted = np.bincount(cell, weights=amounts, minlength=days.count * width)
    table: Floats = counted.reshape(days.count, width).astype(np.float64)
    return table
