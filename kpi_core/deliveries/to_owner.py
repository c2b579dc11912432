"""What waits for a person: the owner of the workspace is told once, until it has passed."""

from __future__ import annotations

from datetime import datetime

from kpi_core.dates.schedule import Fire
from kpi_core.deliveries.delivery_states import insert, planned
from kpi_core.deliveries.messages import Posting
from kpi_core.frozen_dataclass import frozen
from kpi_core.state.store import Store
from kpi_core.state.trouble_rows import begin_trouble, end_trouble

OWNER = "owner:"
"""How the schedules of what the owner is told begin."""


@frozen
class Trouble:
    """What is wrong with `name`, in words for its owner; `cause` is what stays where the words change."""

    name: str
    text: str
    cause: str = ""


def tell_owner(store: Store, owner: str, trouble: Trouble, now: datetime) -> bool:
    """Write a trouble down and put it on its way to the owner as a direct message; whether it was news.

    It is news again after `trouble_over`, or with another cause. Without an owner it is only written down.
    """
    installation = store.installation_key()
    with store.writing() as transaction:
        if not begin_trouble(transaction, trouble.name, trouble.cause or trouble.text, now):
            return False
        # Its name is part of the key: several troubles of one moment are several messages.
        if owner:
            message = Posting(owner, trouble.text)
            insert(transaction, planned(installation, OWNER + trouble.name, Fire(now), message, now))
    return True


def trouble_over(store: Store, name: str) -> bool:
    """It has passed; whether it was there."""
    with store.writing() as transaction:
        return end_trouble(transaction, name)
