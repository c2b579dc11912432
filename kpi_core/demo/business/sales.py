"""The sales team for hotels and offices: leads, the steps they reach, and the deals that are won."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpi_core.demo.business.traffic import visit_key
from kpi_core.demo.company import REGION_SHARES, REGIONS, routes
from kpi_core.demo.generated_table import EMPTY, Table, coded, hundredths, identity, instant, text
from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from kpi_core.demo.draws import Draws, Flags, Floats, Ints
    from kpi_core.demo.seasons import Days

_A_DAY = 5.6
_ROUTE = 990
"""In keys, where visits have their route."""
_DAY = 86_400


@frozen
class _Step:
    """How many take it, of those who took the one before, and after how many days typically."""

    name: str
    share: float
    days: float


_MQL = _Step("mql", 0.47, 2.0)
_SQL = _Step("sql", 0.52, 5.0)
_OPPORTUNITY = _Step("opportunity", 0.74, 6.0)
_WON = _Step("won", 0.28, 24.0)
_LOST = _Step("lost", 1.0, 24.0)


@frozen
class Leads:
    """One item a lead; times are UTC seconds, EMPTY where the step is not reached by the end of the data."""

    key: Ints
    route: Ints
    region: Ints
    created: Ints
    mql: Ints
    sql: Ints
    opportunity: Ints
    won: Ints
    lost: Ints
    amount: Floats


@frozen
class Deals:
    """The won leads: each becomes a customer with one order."""

    key: Ints
    route: Ints
    region: Ints
    created: Ints
    accepted: Ints
    won: Ints
    amount: Floats


def leads(draws: Draws, days: Days) -> Leads:
    """New leads by office days; each step some days after the one before, or never."""
    import numpy as np

    counts = np.maximum(draws.poisson(_A_DAY * days.office, "leads/count", days.ordinals), 1)
    day = np.repeat(np.arange(days.count), counts)
    place = np.arange(len(day)) - (np.cumsum(counts) - counts)[day]
    key = visit_key(days.ordinals[day], _ROUTE, place)
    hours = 8.5 + 9.5 * draws.uniform("leads/hour", key)
    created = days.midnight[day] + (hours * 3600).astype(np.int64)
    route, region = _origin(draws, key)
    mql = _step(draws, days, _MQL, key, created)
    sql = _step(draws, days, _SQL, key, mql)
    opportunity = _step(draws, days, _OPPORTUNITY, key, sql)
    won = _step(draws, days, _WON, key, opportunity)
    not_won = draws.uniform("leads/won/any", key) >= _WON.share
    lost = _step(draws, days, _LOST, key, np.where(not_won, opportunity, EMPTY))
    amount = np.minimum(640.0 * np.exp(0.5 * draws.normal("leads/amount", key)), 3200.0)
    return Leads(key, route, region, created, mql, sql, opportunity, won, lost, np.rint(amount / 5) * 5)


def _origin(draws: Draws, key: Ints) -> tuple[Ints, Ints]:
    import numpy as np

    ways = routes()
    route = draws.choice([way.leads for way in ways], "leads/route", key)
    own = np.array([REGIONS.index(way.region) if way.region else EMPTY for way in ways])[route]
    return route, np.where(own >= 0, own, draws.choice(REGION_SHARES, "leads/region", key))


def _step(draws: Draws, days: Days, step: _Step, key: Ints, since: Ints) -> Ints:
    """When those at the step before, `since`, reach this one: EMPTY for the rest and for what lies past the data."""
    import numpy as np

    passed = (since != EMPTY) & (draws.uniform(f"leads/{step.name}/any", key) < step.share)
    wait = step.days * _DAY * np.exp(0.6 * draws.normal(f"leads/{step.name}/wait", key))
    at = since + 600 + wait.astype(np.int64)
    return np.where(passed & (at < days.end), at, EMPTY)


def deals_of(all_leads: Leads) -> Deals:
    import numpy as np

    rows: Flags = all_leads.won != EMPTY
    return Deals(
        key=all_leads.key[rows],
        route=all_leads.route[rows],
        region=all_leads.region[rows],
        created=all_leads.created[rows],
        accepted=np.asarray(all_leads.sql[rows]),
        won=all_leads.won[rows],
        amount=all_leads.amount[rows],
    )


def leads_table(all_leads: Leads) -> Table:
    import numpy as np

    ways = routes()
    channel_words, channels = coded([way.channel for way in ways])
    campaign_words, campaigns = coded([way.campaign for way in ways])
    return {
        "lead_id": identity("L", all_leads.key),
        "customer_id": identity("C", np.where(all_leads.won != EMPTY, all_leads.key, EMPTY)),
        "created_at": instant(all_leads.created),
        "channel": text(channel_words, channels[all_leads.route]),
        "campaign": text(campaign_words, campaigns[all_leads.route]),
        "region": text(REGIONS, all_leads.region),
        "mql_at": instant(all_leads.mql),
        "sql_at": instant(all_leads.sql),
        "opportunity_at": instant(all_leads.opportunity),
        "won_at": instant(all_leads.won),
        "lost_at": instant(all_leads.lost),
        "amount": hundredths(np.where(all_leads.opportunity != EMPTY, all_leads.amount, float(EMPTY))),
    }
