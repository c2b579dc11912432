"""What people do with deliveries by hand: send one again, give one up."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from kpi_core.dates.schedule import Fire
from kpi_core.deliveries.delivery_states import AT_ONCE, Delivery, delivery_of, insert, planned, write
from kpi_core.errors import KpiBotError
from kpi_core.state.delivery_rows import delivery_rows, lock_delivery
from kpi_core.state.store import Store
from kpi_core.state.transactions import Transaction


def delivery_named(store: Store, beginning: str) -> Delivery:
    """The one delivery whose key begins so. KpiBotError where there is none, or several."""
    with store.reading() as transaction:
        rows = delivery_rows(transaction, beginning)
    if len(rows) == 1:
        return delivery_of(rows[0])
    several, none = f"Several deliveries begin with {beginning}.", f"No delivery begins with {beginning}."
    message = several if rows else none
    raise KpiBotError(message, code="unknown_delivery", hint="kpi deliveries lists them with their keys.")


def resend(store: Store, key: str, now: datetime) -> Delivery:
    """Put a delivery on its way again: the same one where it surely never came, a copy of it where it did.

    KpiBotError while it is still on its way by itself.
    """
    installation = store.installation_key()
    with store.writing() as transaction:
        delivery = _locked(transaction, key)
        if delivery.state in {"pending", "sending", "uncertain"}:
            message = "It is still on its way: nobody need send it again."
            raise KpiBotError(
                message, code="delivery_open", hint="kpi run sends it; what is uncertain is looked up first."
            )
        if delivery.state == "sent":
            copy = planned(installation, delivery.schedule, Fire(now), delivery.message, now)
            insert(transaction, copy)
            return copy
        again = replace(delivery, state="pending", wait_until=AT_ONCE, error="")
        write(transaction, again)
    return again


def cancel(store: Store, key: str) -> Delivery:
    """Give a delivery up; as it was before. One that is uncertain may have come all the same.

    KpiBotError for one that has come, or is being sent at this moment.
    """
    with store.writing() as transaction:
        delivery = _locked(transaction, key)
        if delivery.state in {"sent", "sending"}:
            message = "It has come already." if delivery.state == "sent" else "It is being sent at this moment."
            hint = "Delete the message in Slack." if delivery.state == "sent" else "Try again in a minute."
            raise KpiBotError(message, code="delivery_gone", hint=hint)
        write(transaction, replace(delivery, state="cancelled"))
    return delivery


def _locked(transaction: Transaction, key: str) -> Delivery:
    row = lock_delivery(transaction, key)
    assert row is not None
    return delivery_of(row)
