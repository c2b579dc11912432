"""What waits for a person: the owner of the workspace is told once, until it has passed."""

from __future__ import annotations

from datetime import datetime

from kpi_core.dates.schedule import Fire
from kpi_core.deliveries.delivery_states import insert, planned
from kpi_core.deliveries.messages import Posting
from kpi_core.frozen_dataclass import frozen
from kpi_core.state.delivery_rows import TO_OWNERS, give_up_unsent
from kpi_core.state.store import Store
from kpi_core.state.trouble_rows import begin_trouble, end_trouble


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
            insert(transaction, planned(installation, TO_OWNERS + trouble.name, Fire(now), message, now))
    return True


def tell_once(store: Store, owner: str, trouble: Trouble, now: datetime) -> None:
    """Put on its way what has happened and waits for nobody: the same again is news again."""
    installation = store.installation_key()
    with store.writing() as transaction:
        message = Posting(owner, trouble.text)
        insert(transaction, planned(installation, TO_OWNERS + trouble.name, Fire(now), message, now))


def trouble_over(store: Store, name: str, *, stays_true: bool = False) -> bool:
    """It has passed; whether it was there.

    What has not reached its owner by then is no news any more, unless it `stays_true`: a post that never comes.
    """
    with store.writing() as transaction:
        was_there = end_trouble(transaction, name)
        if was_there and not stays_true:
            give_up_unsent(transaction, TO_OWNERS + name)
        return was_there
