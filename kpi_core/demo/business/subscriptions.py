"""The monthly box: who subscribes, changes plan, and leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpi_core.demo.company import REGIONS, routes
from kpi_core.demo.generated_table import EMPTY, Table, coded, hundredths, identity, instant, text
from kpi_core.demo.planted_facts import factor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpi_core.demo.business.traffic import Visits
    from kpi_core.demo.draws import Draws, Flags, Floats, Ints
    from kpi_core.demo.planted_facts import Fact, Facts
    from kpi_core.demo.seasons import Days

PLANS = (19.0, 29.0, 49.0)
_PLAN_SHARES = (0.45, 0.40, 0.15)
_JOINING = 0.17
_LEAVING = 0.040
_CHANGING = 0.030
_UP = 0.66
_DAY = 86_400


@dataclass(slots=True)
class Boxes:
    """One item a subscription, moved on month by month; times in UTC seconds."""

    buyers: Visits
    started: Ints
    ended: Ints
    plan: Ints
    """Position in PLANS."""
    changes: list[tuple[Ints, Ints, Ints, Ints]]
    """Keys, times, plans before, plans after."""

    @property
    def key(self) -> Ints:
        return self.buyers.visitor


def boxes_of(draws: Draws, days: Days, first: Visits, facts: Facts) -> Boxes:
    """The subscriptions of customers, from their first purchases, as they stand at the end of the data."""
    import numpy as np

    # Squared, as most who subscribe do it soon after they bought.
    delay = np.floor(45 * _DAY * draws.uniform("box/delay", first.visitor) ** 2).astype(np.int64)
    started = first.second + 3600 + delay
    joins = (draws.uniform("box/joins", first.visitor) < _JOINING) & (started < days.end)
    buyers, started = first.take(joins), started[joins]
    plan = draws.choice(_PLAN_SHARES, "box/plan", buyers.visitor)
    boxes = Boxes(buyers, started, np.full(len(started), EMPTY, dtype=np.int64), plan, [])
    for month in np.unique(days.month):
        _live_through(draws, days, boxes, int(month), facts["churn_spike"])
    return boxes


def subscriptions(boxes: Boxes) -> Table:
    """The subscriptions with their present price."""
    import numpy as np

    words, channels = coded([way.channel for way in routes()])
    return {
        "subscription_id": identity("B", boxes.key),
        "customer_id": identity("C", boxes.key),
        "started_at": instant(boxes.started),
        "ended_at": instant(boxes.ended),
        "mrr": hundredths(np.array(PLANS)[boxes.plan]),
        "channel": text(words, channels[boxes.buyers.route]),
        "region": text(REGIONS, boxes.buyers.region),
    }


def _live_through(draws: Draws, days: Days, boxes: Boxes, month: int, spikes: Sequence[Fact]) -> None:
    """A month of all boxes: some leave, others change plan. What lies past the data has not happened yet.

    The running month is drawn as a whole, so that its days stay as they are while it goes on.
    """
    import numpy as np

    inside = np.flatnonzero(days.month == month)
    begin = int(days.midnight[inside[0]])
    running = (boxes.ended == EMPTY) & (boxes.started < begin)
    spike = float(factor(spikes, days.ordinals[inside]).max())
    leaving = _share_of(draws, running, boxes.key, month, _LEAVING * spike)
    # Within 28 days, so that in every month an end stays in its own.
    ends = begin + np.floor(28 * _DAY * draws.uniform("box/end", boxes.key, month)).astype(np.int64)
    _change_plans(draws, days, boxes, month, running & ~leaving)
    boxes.ended = np.where(leaving & (ends < days.end), ends, boxes.ended)


def _share_of(draws: Draws, running: Flags, key: Ints, month: int, share: float) -> Flags:
    """That share of the running boxes, drawn, and counted to the nearest whole."""
    import numpy as np

    # Above every drawn chance: those that do not run come last.
    chance = np.where(running, draws.uniform("box/leaves", key, month), 2.0)
    count = round(share * int(running.sum()))
    chosen = np.zeros(len(key), dtype=np.bool_)
    chosen[np.argsort(chance, kind="stable")[:count]] = True
    return chosen


def _change_plans(draws: Draws, days: Days, boxes: Boxes, month: int, staying: Flags) -> None:
    import numpy as np

    begin = int(days.midnight[days.month == month][0])
    up = draws.uniform("box/up", boxes.key, month) < _UP
    after = np.clip(np.where(up, boxes.plan + 1, boxes.plan - 1), 0, len(PLANS) - 1)
    at = begin + np.floor(28 * _DAY * draws.uniform("box/changed", boxes.key, month)).astype(np.int64)
    changing = staying & (after != boxes.plan) & (at < days.end)
    changing &= draws.uniform("box/changes", boxes.key, month) < _CHANGING
    boxes.changes.append((boxes.key[changing], at[changing], boxes.plan[changing], after[changing]))
    boxes.plan = np.where(changing, after, boxes.plan)


def subscription_changes(boxes: Boxes) -> Table:
    import numpy as np

    key, at, before, after = (np.concatenate(parts) for parts in zip(*boxes.changes, strict=True))
    prices: Floats = np.array(PLANS)
    return {
        "subscription_id": identity("B", key),
        "changed_at": instant(at),
        "mrr_before": hundredths(prices[before]),
        "mrr_after": hundredths(prices[after]),
    }
