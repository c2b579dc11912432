"""The facts planted in the demo company, with their dates: whoever looks for them in the data finds exactly these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kpi_core.demo.company import FALLING_CAMPAIGN, HOSTILE_CAMPAIGNS

if TYPE_CHECKING:
    from kpi_core.demo.draws import Floats, Ints


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happens to a KPI in [start, end).

    `size` multiplies what the sentence names: here chance to buy, visits counted, ends, price. 1.0 changes nothing.
    """

    id: str
    kpi: str
    dimension: str | None
    value: str | None
    start: date
    end: date
    size: float
    sentence: str

    def factor(self, ordinals: Ints) -> Floats:
        """`size` on the fact's own days (given as days since 1970), 1.0 on all others."""
        import numpy as np

        epoch = date(1970, 1, 1).toordinal()
        inside = (ordinals >= self.start.toordinal() - epoch) & (ordinals < self.end.toordinal() - epoch)
        return np.where(inside, self.size, 1.0)


def planted_facts(today: date) -> dict[str, Fact]:
    """The facts by id, as seen on `today`: weeks begin on Monday, and the newest day of data is the one before."""
    facts = (_falling_roas(today), _broken_tracking(today), _churn_spike(today), _display_cac(today), *_hostile(today))
    return {fact.id: fact for fact in facts}


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _falling_roas(today: date) -> Fact:
    return Fact(
        "falling_roas",
        "roas",
        "campaign",
        FALLING_CAMPAIGN,
        _monday(today) - timedelta(weeks=6),
        today,
        0.30,
        f"The ROAS of {FALLING_CAMPAIGN} falls to under half for the last six weeks: as many clicks, few of them buy.",
    )


def _broken_tracking(today: date) -> Fact:
    start = _monday(today) - timedelta(weeks=5)
    return Fact(
        "broken_tracking",
        "website_traffic",
        None,
        None,
        start,
        start + timedelta(weeks=1),
        0.15,
        "In a week of broken tracking 15 % of the visits are counted and none as converted; orders go on as usual.",
    )


def _churn_spike(today: date) -> Fact:
    # Not the newest complete month but the one before: it has to be a peak, with a month on either side.
    end = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    return Fact(
        "churn_spike",
        "churn_rate",
        None,
        None,
        (end - timedelta(days=1)).replace(day=1),
        end,
        3.0,
        "In one month three times as many subscriptions end as usual.",
    )


def _display_cac(today: date) -> Fact:
    return Fact(
        "display_cac",
        "paid_cac",
        "channel",
        "display",
        today - timedelta(days=12),
        today,
        1.6,
        "For twelve days display costs 60 % more a click and wins no more customers.",
    )


def _hostile(today: date) -> list[Fact]:
    from kpi_core.demo.seasons import first_day

    return [
        Fact(
            f"hostile_name_{number}",
            "ad_spend",
            "campaign",
            name,
            first_day(today),
            today,
            1.0,
            "A tiny campaign whose name looks like a formula or a mention: text from outside is never parsed.",
        )
        for number, name in enumerate(HOSTILE_CAMPAIGNS, 1)
    ]
