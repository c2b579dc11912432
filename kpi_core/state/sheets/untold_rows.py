"""What its owner should have heard and Slack does not carry: a bot whose token is refused cannot say so there."""

from __future__ import annotations

import re

from sqlalchemy import or_, select

from kpi_core.state.delivery_rows import TO_OWNERS
from kpi_core.state.schema import deliveries, troubles
from kpi_core.state.transactions import Transaction

_MENTION = re.compile(r"<[#@!]([^>|]+)[^>]*>")
"""Such as <#C0123>: outside Slack the id alone."""


def untold(transaction: Transaction) -> tuple[str, ...]:
    """Messages to owners that wait, and posts that wait where nobody is named to hear of it; the oldest first."""
    own = deliveries.c
    to_owners = select(own.payload, own.schedule, own.state).where(own.schedule.startswith(TO_OWNERS, autoescape=True))
    rows = transaction.rows(to_owners.order_by(own.due, own.key))
    waiting = [row["payload"]["text"] for row in rows if row["state"] in {"waiting", "uncertain", "refused"}]
    heard = {row["schedule"] for row in rows}
    posts = (
        select(troubles)
        .where(or_(troubles.c.name.startswith("post:"), troubles.c.name.startswith("refused:")))
        .order_by(troubles.c.since)
    )
    nobody = [row["what"] for row in transaction.rows(posts) if f"{TO_OWNERS}{row['name']}" not in heard]
    return tuple(dict.fromkeys(_MENTION.sub(r"\1", text) for text in (*waiting, *nobody)))
