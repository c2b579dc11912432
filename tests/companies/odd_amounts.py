"""What tests of limits share: a company whose amounts no other number equals by chance, and where they may turn up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from kpi_core.answers import Answer
from kpi_core.dates.periods import Period

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1), "month")
CHANNELS = ("search", "social", "mail")
_AMOUNTS = (1013.37, 2417.91, 911.13, 3307.59, 1709.83, 2111.47, 1301.29, 2903.71)

_CUSTOMERS = (0, 1, 2, 0, 3, 1, 4, 2, 5, 0, 3, 4, 6, 6, 0, 7, 1, 7, 8, 2, 6, 9, 3, 9)
"""In October some are new and come back, some come back from September, and no month or channel has only one kind."""

Row = dict[str, object]


def tables() -> Mapping[str, list[Row]]:
    """September and October of a shop: new and returning customers, refunds, ads, costs, visits, subscriptions."""
    orders: list[Row] = []
    for number in range(24):
        amount = _AMOUNTS[number % 8] + number * 7.19
        day = datetime(2026, 9, 2, 12, tzinfo=UTC) + timedelta(days=number * 59 / 24)
        orders.append(
            {
                "order_id": f"o{number}",
                "customer_id": f"c{_CUSTOMERS[number]}",
                "ordered_at": day.replace(tzinfo=None),
                "channel": CHANNELS[int("012012012012000111222102"[number])],
                "campaign": None if number % 4 == 3 else f"campaign {number % 4}",
                "revenue": round(amount, 2),
                "cost_of_goods": round(amount * 0.3917 + number, 2),
                "refunded_amount": 61.43 if number % 5 == 2 else None,
            }
        )
    days = [date(2026, 9, 1) + timedelta(days=each) for each in range(61)]
    ads = [
        {"date": day, "channel": CHANNELS[at % 3], "campaign": f"campaign {at % 3}", "impressions": 10_007 + at * 13}
        | {"clicks": 211 + at, "spend": round(83.57 + at * 1.31, 2), "conversions": 7.25, "conversion_value": 173.19}
        for at, day in enumerate(days)
    ]
    return {
        "orders": orders,
        "ad_performance": ads,
        "costs": [{"date": date(2026, month, 3), "category": "tools", "amount": 431.77} for month in (9, 10)],
        "web_sessions": [_visit(at, day) for at, day in enumerate(days)],
        "market_sales": [{"date": day, "amount": 9_973.31} for day in days],
        "subscriptions": [_subscription(number) for number in range(7)],
    }


def _visit(at: int, day: date) -> Row:
    started = datetime(day.year, day.month, day.day, 8)
    return {"session_id": f"s{at}", "visitor_id": f"v{at % 31}", "started_at": started, "channel": CHANNELS[at % 3]} | {
        "pageviews": 3, "bounced": at % 4 == 0, "converted": at % 6 == 0,
    }  # fmt: skip


def _subscription(number: int) -> Row:
    started = datetime(2026, 8, 5 + number)
    ended = datetime(2026, 10, 9) if number == 3 else None
    return {"subscription_id": f"u{number}", "customer_id": f"c{number}", "started_at": started, "ended_at": ended} | {
        "mrr": 113.91 + number * 17.03
    }


def numbers_in(answer: Answer) -> Iterator[float]:
    """Every number that an answer holds: values, parts, comparisons, groups, the trend."""
    yield from _known(answer.value, *answer.parts.values(), *(point.value for point in answer.trend))
    for change in answer.comparisons:
        yield from _known(change.value, change.change, change.current)
    for row in answer.breakdown or ():
        yield from _known(row.value, *row.parts.values())
        for change in row.comparisons:
            yield from _known(change.value, change.change, change.current)


def _known(*values: float | None) -> Iterator[float]:
    return (value for value in values if value is not None)


def written(value: float, text: str) -> list[str]:
    """The numbers of a text that are the value, exact or rounded: 40,351.88, $40,352, 40.4K, 4.04만."""
    found = []
    for sign, digits, scale in re.findall(r"(-?)(\d[\d,]*(?:\.\d+)?)\s?([KM만萬]?)", text):
        number = float(digits.replace(",", "")) * {"K": 1e3, "M": 1e6, "만": 1e4, "萬": 1e4}.get(scale, 1)
        decimals = len(digits.partition(".")[2])
        step = 10.0**-decimals * {"K": 1e3, "M": 1e6, "만": 1e4, "萬": 1e4}.get(scale, 1)
        if abs(number - abs(value)) <= step / 2 + 1e-9 and number > 100:
            found.append(f"{sign}{digits}{scale}")
    return found
