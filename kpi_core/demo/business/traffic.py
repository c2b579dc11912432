"""Clicks, visits and visitors: how people reach the shop, who comes back, and which visits end in a purchase."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from kpi_core.demo.company import (
    DEVICE_SHARES,
    DEVICES,
    FALLING_CAMPAIGN,
    LANDING_PAGES,
    LANDING_SHARES,
    REGION_SHARES,
    REGIONS,
    routes,
)
from kpi_core.demo.generated_table import Table, coded, flag, hundredths, identity, instant, text, whole
from kpi_core.demo.planted_facts import factor
from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from kpi_core.demo.company import Route
    from kpi_core.demo.draws import Draws, Flags, Floats, Ints
    from kpi_core.demo.planted_facts import Facts
    from kpi_core.demo.seasons import Days

# Tunes the routes' rates to about 2.7 % of visits, repeat orders included.
_CONVERSION = 0.60
_ARRIVING = 0.87
_COMING_BACK = 0.32
LONGEST_JOURNEY = 60
"""Days from a visitor's first visit to the last."""
_CHANNELS = 16
"""At least as many as there are, one for unknown included; part of the keys of draws."""
_DEVICE_CONVERSION = (0.90, 1.18, 1.0)
_HOURS = (8, 5, 3, 2, 2, 3, 6, 12, 20, 28, 33, 35, 38, 36, 33, 32, 33, 36, 42, 50, 56, 52, 38, 20)

LAST_SECONDS = 2400
"""No visit begins in the last 40 minutes of a day, so that its order falls on the same day."""


@frozen
class Visits:
    """Visits as columns of equal length; `day` and `route` are positions in Days and `company.routes()`."""

    key: Ints
    """Unique: the day and the route are part of it."""
    visitor: Ints
    """The key of the visitor's first visit."""
    day: Ints
    second: Ints
    """UTC seconds."""
    route: Ints
    region: Ints
    device: Ints
    new: Flags
    bought: Flags

    def take(self, rows: Flags | Ints) -> Visits:
        return Visits(*(getattr(self, column.name)[rows] for column in fields(self)))

    def and_also(self, others: Visits) -> Visits:
        import numpy as np

        names = [column.name for column in fields(self)]
        return Visits(*(np.concatenate([getattr(self, name), getattr(others, name)]) for name in names))


@frozen
class Flow:
    """What is expected a day (rows) and route (columns), before chance: clicks, and the share of visits that buy."""

    clicks: Floats
    conversion: Floats


def flow(draws: Draws, days: Days, facts: Facts) -> Flow:
    """Expected clicks and conversion, with seasons, each channel's own good and bad days, and the planted facts."""
    import numpy as np

    ways = routes()
    channels = coded([way.channel for way in ways])[1]
    daily = np.array([way.daily for way in ways])
    mood = draws.noise(0.07, "traffic/mood", days.ordinals[:, None], channels[None, :])
    clicks = days.demand[:, None] * daily[None, :] * mood
    base = np.array([way.conversion for way in ways]) * _CONVERSION
    conversion = base[None, :] * days.buying[:, None] * np.ones_like(clicks)
    falling = np.array([way.campaign == FALLING_CAMPAIGN for way in ways])
    conversion[:, falling] *= factor(facts["falling_roas"], days.ordinals)[:, None]
    return Flow(clicks, conversion)


def clicks_and_visits(draws: Draws, days: Days, expected: Flow) -> tuple[Ints, Ints]:
    """Counts a day and route. Some who click an ad never arrive; on free ways a click is a visit."""
    import numpy as np

    ways = routes()
    keys = (days.ordinals[:, None], np.arange(len(ways))[None, :])
    clicks = draws.poisson(expected.clicks, "traffic/clicks", *keys)
    paid = np.array([way.paid for way in ways])
    arriving = np.clip(_ARRIVING + 0.08 * (draws.uniform("traffic/arriving", *keys) - 0.5), 0, 1)
    # The fraction that rounding leaves is drawn, so that routes with few clicks keep their share.
    arrived = np.floor(clicks * arriving + draws.uniform("traffic/arrived", *keys)).astype(np.int64)
    return clicks, np.where(paid[None, :], np.minimum(arrived, clicks), clicks)


def visits(draws: Draws, days: Days, counts: Ints, expected: Flow) -> Visits:
    """All visits but those of customers who come back to buy again, in order of day and route."""
    import numpy as np

    ways = routes()
    cell = np.repeat(np.arange(counts.size), counts.ravel())
    day, route = cell // len(ways), cell % len(ways)
    place = np.arange(len(cell)) - (np.cumsum(counts.ravel()) - counts.ravel())[cell]
    key = visit_key(days.ordinals[day], route, place)
    parent = _parents(draws, days, key, day)
    new = parent == np.arange(len(key))
    region, device = _where(draws, ways, key, route)
    free = np.array([not way.paid for way in ways])[route]
    region, device = np.where(free, region[parent], region), np.where(free, device[parent], device)
    second = days.midnight[day] + time_of_day(draws, key, days.length[day])
    chance = expected.conversion[day, route] * np.array(_DEVICE_CONVERSION)[device] * np.where(new, 1.0, 1.8)
    channel = coded([way.channel for way in ways])[1][route] + 1
    bought = _buyers(draws, days, key, day * _CHANNELS + channel, chance)
    return Visits(key, key[parent], day, second, route, region, device, new, bought)


def visit_key(ordinals: Ints, route: Ints | int, place: Ints) -> Ints:
    # Room for 1,000 routes a day and 10,000 visits a route: far more than there are, so keys never meet.
    return (ordinals * 1_000 + route) * 10_000 + place


def time_of_day(draws: Draws, key: Ints, length: Ints) -> Ints:
    """Seconds since local midnight, as busy as the hour is."""
    import numpy as np

    hour = draws.choice(_HOURS, "traffic/hour", key)
    # As a part of the day, not by the clock: the days of 23 and 25 hours have no hour too few or too many.
    part = (hour + draws.uniform("traffic/minute", key)) / 24.0
    return np.floor(part * (length - LAST_SECONDS)).astype(np.int64)


def _parents(draws: Draws, days: Days, key: Ints, day: Ints) -> Ints:
    """For each visit the one that first brought its visitor: itself for a new visitor, else one of an earlier day."""
    import numpy as np

    itself = np.arange(len(key))
    ago = 1 + np.floor(-np.log(draws.uniform("traffic/ago", key)) * 8.0).astype(np.int64)
    back = (draws.uniform("traffic/back", key) < _COMING_BACK) & (ago <= LONGEST_JOURNEY) & (day >= ago)
    fresh = np.flatnonzero(~back)
    starts = np.searchsorted(day[fresh], np.arange(days.count + 1))
    first, last = starts[day - ago], starts[day - ago + 1]
    # A day without a new visitor has nobody who could come back.
    back &= last > first
    drawn = first + np.floor(draws.uniform("traffic/who", key) * (last - first)).astype(np.int64)
    return np.where(back, fresh[np.minimum(drawn, len(fresh) - 1)], itself)


def _where(draws: Draws, ways: tuple[Route, ...], key: Ints, route: Ints) -> tuple[Ints, Ints]:
    """Region and device: the ad group's own, else drawn."""
    import numpy as np

    regions = np.array([REGIONS.index(way.region) if way.region else -1 for way in ways])[route]
    devices = np.array([DEVICES.index(way.device) if way.device else -1 for way in ways])[route]
    region = np.where(regions >= 0, regions, draws.choice(REGION_SHARES, "traffic/region", key))
    device = np.where(devices >= 0, devices, draws.choice(DEVICE_SHARES, "traffic/device", key))
    return region, device


def _buyers(draws: Draws, days: Days, key: Ints, cell: Ints, chance: Floats) -> Flags:
    """Which visits end in a purchase: a day and channel gets its expected number, drawn by the visits' `chance`."""
    import numpy as np

    cells = np.arange(days.count * _CHANNELS)
    on, channel = days.ordinals[cells // _CHANNELS], cells % _CHANNELS
    expected = np.bincount(cell, weights=chance, minlength=len(cells)) * draws.noise(0.10, "buying/mood", on, channel)
    quota = np.floor(expected + draws.uniform("buying/rest", on, channel))
    # Waiting times at the rate of the chances: whoever comes first buys, a weighted draw without replacement.
    order = np.lexsort((-np.log(draws.uniform("buying/who", key)) / chance, cell))
    sizes = np.bincount(cell, minlength=len(cells))
    place = np.arange(len(cell)) - (np.cumsum(sizes) - sizes)[cell[order]]
    bought = np.zeros(len(cell), dtype=np.bool_)
    bought[order] = place < quota[cell[order]]
    return bought


def landing_page(draws: Draws, key: Ints) -> Ints:
    """Position in LANDING_PAGES."""
    return draws.choice(LANDING_SHARES, "traffic/landing", key)


def web_sessions(draws: Draws, days: Days, all_visits: Visits, facts: Facts) -> Table:
    """The visits as the web analytics counted them: in the week of broken tracking few, and none that bought."""
    broken = factor(facts["broken_tracking"], days.ordinals)
    seen = all_visits.take(draws.uniform("traffic/tracked", all_visits.key) < broken[all_visits.day])
    converted = seen.bought & (broken[seen.day] == 1.0)
    pages, seconds, engaged, bounced = _behaviour(draws, seen)
    ways = routes()
    where = {
        name: text(words, codes[seen.route])
        for name in ("channel", "source", "medium", "campaign")
        for words, codes in [coded([getattr(way, name) for way in ways])]
    }
    return {
        "session_id": identity("S", seen.key),
        "visitor_id": identity("V", seen.visitor),
        "started_at": instant(seen.second),
        **where,
        "landing_page": text(LANDING_PAGES, landing_page(draws, seen.key)),
        "region": text(REGIONS, seen.region),
        "device": text(DEVICES, seen.device),
        "pageviews": whole(pages),
        "duration_seconds": hundredths(seconds),
        "engaged_seconds": hundredths(engaged),
        "bounced": flag(bounced),
        "converted": flag(converted),
        "is_new_visitor": flag(seen.new),
    }


def _behaviour(draws: Draws, seen: Visits) -> tuple[Ints, Floats, Floats, Flags]:
    """Page views, seconds, engaged seconds, bounced."""
    import numpy as np

    # A banner is seen by people who did not look for it.
    colder = np.array([0.56 if way.medium in {"display", "paid_social"} else 0.41 for way in routes()])[seen.route]
    bounced = (draws.uniform("visit/bounce", seen.key) < colder) & ~seen.bought
    more = np.floor(-np.log(draws.uniform("visit/pages", seen.key)) * 2.6).astype(np.int64)
    pages = np.where(bounced, 1, 2 + more + np.where(seen.bought, 4, 0))
    reading = draws.noise(0.6, "visit/seconds", seen.key)
    seconds = np.rint(np.where(bounced, 7.0 * reading, 42.0 * pages * reading))
    engaged = np.rint(seconds * (0.45 + 0.45 * draws.uniform("visit/engaged", seen.key)))
    return pages, seconds, np.where(bounced, 0.0, engaged), bounced
