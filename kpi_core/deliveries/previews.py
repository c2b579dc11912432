"""A summary that its owner sees first: sent at once, or held back, both by the key that it will have at its time.

So nothing comes twice: when its time comes, what was sent early or held back is there already and is not planned anew.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from kpi_core.dates.schedule import Fire
from kpi_core.deliveries.by_hand import cancel, resend
from kpi_core.deliveries.delivery_states import Delivery, delivery_of, insert, planned
from kpi_core.deliveries.messages import Posting
from kpi_core.errors import KpiBotError
from kpi_core.frozen_dataclass import frozen
from kpi_core.state.delivery_rows import deliveries_of, lock_delivery
from kpi_core.state.store import Store
from kpi_core.state.transactions import Transaction

PREVIEW = "preview:"
"""How the schedules of previews begin."""


@frozen
class Coming:
    """The summary of a name that is due at an instant."""

    name: str
    due: datetime


def is_previewed(store: Store, coming: Coming) -> bool:
    """Whether the preview of the summary is on its way, or there."""
    with store.reading() as transaction:
        return _preview(transaction, coming) is not None


def plan_preview(store: Store, coming: Coming, message: Posting, now: datetime) -> bool:
    """Put the preview of the summary on its way; False where it is already."""
    installation = store.installation_key()
    with store.writing() as transaction:
        return insert(transaction, planned(installation, PREVIEW + coming.name, Fire(coming.due), message, now))


def send_early(store: Store, coming: Coming, message: Posting, now: datetime) -> None:
    """Put the summary itself on its way now. KpiBotError where it is already."""
    there = _settled(store, coming, message, now, held_by="")
    if there is None:
        return
    if there.state != "cancelled":
        raise KpiBotError("It is on its way, or there, already.", code="already_sent", hint="Look into the channel.")
    resend(store, there.key, now)


def hold_back(store: Store, coming: Coming, message: Posting, now: datetime, *, held_by: str) -> None:
    """Keep the summary from going out. KpiBotError where it has come already."""
    there = _settled(store, coming, message, now, held_by=held_by)
    if there is not None:
        cancel(store, there.key)


def previewed(store: Store, coming: Coming) -> Posting:
    """The preview of the summary. KpiBotError where there is none."""
    with store.reading() as transaction:
        preview = _preview(transaction, coming)
    if preview is None or not isinstance(preview.message, Posting):
        raise KpiBotError("There is no such preview any more.", code="no_preview", hint="kpi summary shows it anew.")
    return preview.message


def _settled(store: Store, coming: Coming, message: Posting, now: datetime, *, held_by: str) -> Delivery | None:
    """Write down that it is sent early or held back; what is there already is given back as it is."""
    delivery = planned(store.installation_key(), f"summary:{coming.name}", Fire(coming.due), message, now)
    if held_by:
        delivery = replace(delivery, state="cancelled", error=held_by)
    with store.writing() as transaction:
        row = lock_delivery(transaction, delivery.key)
        if row is None:
            insert(transaction, delivery)
    return None if row is None else delivery_of(row)


def _preview(transaction: Transaction, coming: Coming) -> Delivery | None:
    every = map(delivery_of, deliveries_of(transaction, PREVIEW + coming.name, most=10))
    return next((each for each in every if each.due == coming.due), None)
