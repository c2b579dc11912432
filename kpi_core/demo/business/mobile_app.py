"""The shop's app: installs, and the days on which it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpi_core.demo.business.traffic import time_of_day, visit_key
from kpi_core.demo.company import routes
from kpi_core.demo.generated_table import Table, coded, day, identity, instant, text
from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from kpi_core.demo.draws import Draws, Ints
    from kpi_core.demo.seasons import Days

_USED_FOR_DAYS = 150


@frozen
class Installs:
    key: Ints
    day: Ints
    route: Ints
    counts: Ints
    """A day (rows) and route (columns)."""


def installs(draws: Draws, days: Days, clicks: Ints) -> Installs:
    import numpy as np

    ways = routes()
    mean = clicks * np.array([way.installs for way in ways])[None, :]
    counts = draws.poisson(mean, "app/installs", days.ordinals[:, None], np.arange(len(ways))[None, :])
    cell = np.repeat(np.arange(counts.size), counts.ravel())
    place = np.arange(len(cell)) - (np.cumsum(counts.ravel()) - counts.ravel())[cell]
    day_, route = cell // len(ways), cell % len(ways)
    return Installs(visit_key(days.ordinals[day_], route, place), day_, route, counts)


def app_installs(draws: Draws, days: Days, installed: Installs) -> Table:
    ways = routes()
    channel_words, channels = coded([way.channel for way in ways])
    campaign_words, campaigns = coded([way.campaign for way in ways])
    at = days.midnight[installed.day] + time_of_day(draws, installed.key, days.length[installed.day])
    return {
        "install_id": identity("I", installed.key),
        "installed_at": instant(at),
        "channel": text(channel_words, channels[installed.route]),
        "campaign": text(campaign_words, campaigns[installed.route]),
    }


def app_activity(draws: Draws, days: Days, installed: Installs) -> Table:
    """The day of the install, then ever fewer: about 33 % come back on day 1, 15 % on day 7, 8 % on day 30."""
    import numpy as np

    later = np.arange(1, _USED_FOR_DAYS)
    share = 0.36 * later**-0.43
    key = installed.key[:, None]
    # Some like it and use it often, others hardly: one fondness for all days of an install.
    fondness = 0.4 + 1.2 * draws.uniform("app/fondness", key)
    active = draws.uniform("app/active", key, later[None, :]) < fondness * share[None, :]
    active &= installed.day[:, None] + later[None, :] < days.count
    who, ago = np.nonzero(active)
    return {
        "install_id": identity("I", np.concatenate([installed.key, installed.key[who]])),
        "active_on": day(days.ordinals[np.concatenate([installed.day, installed.day[who] + later[ago]])]),
    }
