"""The facts planted in the demo company, with their dates: whoever looks for them in the data finds exactly these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kpi_core.demo.company import FALLING_CAMPAIGN, HOSTILE_CAMPAIGNS
from kpi_core.demo.seasons import first_day
from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from kpi_core.demo.draws import Floats, Ints


@frozen
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


Facts = Mapping[str, Sequence[Fact]]
"""By id, the oldest first."""


def factor(facts: Sequence[Fact], ordinals: Ints) -> Floats:
    """The `size` of whichever fact a day belongs to (days are given as days since 1970), 1.0 on all others."""
    import numpy as np

    epoch = date(1970, 1, 1).toordinal()
    factors = np.ones(len(ordinals))
    for fact in facts:
        inside = (ordinals >= fact.start.toordinal() - epoch) & (ordinals < fact.end.toordinal() - epoch)
        factors[inside] = fact.size
    return factors


def all_facts(today: date) -> Facts:
    """Every fact that has begun before `today`.

    Their dates are fixed: a day's numbers never change afterwards, but for the late bill, which is planted to do so.
    """
    facts: dict[str, list[Fact]] = {}
    for turn in _turns(today):
        for fact in (
            _falling_roas(turn),
            _broken_tracking(turn),
            _churn_spike(turn),
            _display_cac(turn),
            *_late_bill(turn),
        ):
            facts.setdefault(fact.id, [])
            if fact.start < today:
                facts[fact.id].append(fact)
    return facts | {fact.id: [fact] for fact in _hostile(today)}


def planted_facts(today: date) -> dict[str, Fact]:
    """Of each fact by id the newest that can be seen in the data of `today`, which ends the day before."""
    seen = {
        name: [fact for fact in facts if fact.start + _SEEN_AFTER.get(name, fact.end - fact.start) <= today]
        for name, facts in all_facts(today).items()
    }
    return {name: replace(facts[-1], end=min(facts[-1].end, today)) for name, facts in seen.items() if facts}


_NEWS_FOR = timedelta(days=7)
"""So long after a bill has been entered the product tells of it, as of any row that changes a closed month."""


def fresh_bill(today: date) -> Fact | None:
    """The late bill that has been entered by the morning of `today`, in the last week."""
    bill = planted_facts(today).get("late_bill")
    return bill if bill is not None and today - bill.end <= _NEWS_FOR else None


_FIRST_LATE_BILL = date(2026, 10, 1)
_SEEN_AFTER = {"falling_roas": timedelta(weeks=4), "churn_spike": timedelta(days=62)}
"""A fall is one before it has ended; a peak needs the month after it. All others are seen when they are over."""


def _turns(today: date) -> Iterator[date]:
    """1 April and 1 October of each year: what happens does so around them."""
    for year in range(first_day(today).year, today.year + 1):
        yield date(year, 4, 1)
        yield date(year, 10, 1)


def _second_monday(day: date) -> date:
    return day + timedelta(days=7 + -day.weekday() % 7)


def _falling_roas(turn: date) -> Fact:
    start = _second_monday(turn)
    return Fact(
        "falling_roas",
        "roas",
        "campaign",
        FALLING_CAMPAIGN,
        start,
        start + timedelta(weeks=10),
        0.30,
        f"The ROAS of {FALLING_CAMPAIGN} falls to under half for ten weeks: as many clicks, few of them buy.",
    )


def _broken_tracking(turn: date) -> Fact:
    start = _second_monday(turn) + timedelta(weeks=1)
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


def _churn_spike(turn: date) -> Fact:
    return Fact(
        "churn_spike",
        "churn_rate",
        None,
        None,
        (turn - timedelta(days=1)).replace(day=1),
        turn,
        3.0,
        "In one month three times as many subscriptions end as usual.",
    )


def _display_cac(turn: date) -> Fact:
    start = turn + timedelta(days=40)
    return Fact(
        "display_cac",
        "paid_cac",
        "channel",
        "display",
        start,
        start + timedelta(days=12),
        1.6,
        "For twelve days display costs 60 % more a click and wins no more customers.",
    )


def _late_bill(turn: date) -> Iterator[Fact]:
    """A month after a turn; the first one in autumn 2026, so that every month before stands as it always did."""
    if turn >= _FIRST_LATE_BILL:
        yield Fact(
            "late_bill",
            "cac",
            "category",
            "agency",
            date(turn.year, turn.month + 1, 25),
            date(turn.year, turn.month + 2, 9),
            1.0,
            "An agency's bill of the 25th is entered on the 9th of the next month: until then its month is too cheap.",
        )


def _hostile(today: date) -> list[Fact]:
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
