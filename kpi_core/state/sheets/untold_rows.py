"""What its owner should have heard and Slack does not carry: a bot whose token is refused cannot say so there."""

from __future__ import annotations

import re

from sqlalchemy import select

from kpi_core.state.delivery_rows import TO_OWNERS
from kpi_core.state.schema import deliveries
from kpi_core.state.transactions import Transaction
from kpi_core.state.trouble_rows import open_troubles

_MENTION = re.compile(r"<[#@!]([^>|]+)[^>]*>")
"""Such as <#C0123>: outside Slack the id alone."""


def untold(transaction: Transaction) -> tuple[str, ...]:
    """Messages to owners that wait, and posts that wait where nobody is named to hear of it; the oldest first."""
    open_ones = open_troubles(transaction)
    own, of_open = deliveries.c, [f"{TO_OWNERS}{row['name']}" for row in open_ones]
    to_owners = own.schedule.startswith(TO_OWNERS, autoescape=True)
    # One that Slack refuses for good is told as long as it is true.
    unsent = own.state.in_(("waiting", "uncertain")) | ((own.state == "refused") & own.schedule.in_(of_open))
    rows = transaction.rows(select(own.payload).where(to_owners, unsent).order_by(own.due, own.key))
    heard = {row["schedule"] for row in transaction.rows(select(own.schedule).where(own.schedule.in_(of_open)))}
    nobody = [
        row["what"]
        for row in open_ones
        if row["name"].startswith(("post:", "refused:")) and f"{TO_OWNERS}{row['name']}" not in heard
    ]
    return tuple(
        dict.fromkeys(_MENTION.sub(r"\1", text) for text in (*(row["payload"]["text"] for row in rows), *nobody))
    )
