"""What is told of incidents: in one transaction with what is written down of them, so that each comes once.

The opening of an incident is a message of its own, as many a day as a channel bears; the others of a day come in one
message, the gravest first. All else goes into the thread of that message, once it stands in Slack.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, time

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.feasts import is_public_holiday
from kpi_core.dates.schedule import Fire
from kpi_core.deliveries.delivery_states import insert, planned
from kpi_core.deliveries.messages import Posting
from kpi_core.deliveries.posted_number import PostedNumber, number_of
from kpi_core.deliveries.receipts import receipt_name
from kpi_core.settings.values import Attention
from kpi_core.state.incidents import RESOLVED, change_incident, opened_since, told_events, waiting_events
from kpi_core.state.lapses.lapse import doubted_since
from kpi_core.state.store import Store
from kpi_core.state.transactions import Row, Transaction

OPENED = "opened"
OF_PEOPLE = frozenset({"seen", "snoozed", "acted", "assigned", "note"})
"""What people did is told at once, whatever the hour: they are there."""
ALONE, TOGETHER, REPLY = "alert:", "alerts:", "alert reply:"
"""How the schedules of the ledger begin."""
Body = tuple[str, Sequence[dict[str, object]]]
"""The text and the blocks of a message."""
Together = Callable[[Sequence[str], str], Body]
"""Draws the message for several, from the line of each and the receipt of their numbers."""


def is_quiet(attention: Attention, calendar: Calendar, now: datetime) -> bool:
    """Whether alerts wait at an instant: in quiet hours, and as set on weekends and holidays."""
    local = now.astimezone(calendar.zone)
    if attention.weekends == "wait" and local.weekday() >= 5:
        return True
    if attention.holidays == "wait" and is_public_holiday(local.date(), calendar):
        return True
    if not attention.quiet:
        return False
    start, end = (time.fromisoformat(text) for text in attention.quiet.split("-"))
    at = local.time()
    return start <= at < end if start < end else at >= start or at < end


def tell_incidents(store: Store, attention: Attention, calendar: Calendar, now: datetime, together: Together) -> int:
    """Put on its way what may be told now; how many messages."""
    with store.reading() as transaction:
        if not waiting_events(transaction):
            return 0
    installation = store.installation_key()
    with store.writing() as transaction:
        return _Telling(transaction, installation, attention, calendar, now, together).all()


class _Telling:
    """One round, within its transaction."""

    def __init__(  # noqa: PLR0913, PLR0917 - all that decides what is told
        self,
        transaction: Transaction,
        installation: bytes,
        attention: Attention,
        calendar: Calendar,
        now: datetime,
        together: Together,
    ) -> None:
        self._transaction, self._installation = transaction, installation
        self._attention, self._calendar, self._now, self._together = attention, calendar, now, together
        self._quiet = is_quiet(attention, calendar, now)

    def all(self) -> int:
        rows = waiting_events(self._transaction)
        openings = [row for row in rows if row["what"] == OPENED]
        # What passed before anybody heard of it is no news. In doubt somebody may have heard, and waits for its end.
        in_doubt = doubted_since(self._transaction, self._now) is not None
        passed = set() if in_doubt else {row["incident"] for row in openings if row["state"] == RESOLVED}
        told_events(self._transaction, [row["key"] for row in rows if row["incident"] in passed])
        rows = [row for row in rows if row["incident"] not in passed]
        new = [row for row in rows if row["what"] == OPENED and (not self._quiet or row["message"]["urgent"])]
        channels = dict.fromkeys(row["channel"] for row in new)
        count = sum(self._open(channel, [row for row in new if row["channel"] == channel]) for channel in channels)
        return count + sum(self._reply(row) for row in rows if row["what"] != OPENED)

    def _open(self, channel: str, rows: Sequence[Row]) -> int:
        ranked = sorted(rows, key=lambda row: (not row["message"]["urgent"], -row["message"]["rank"], row["key"]))
        midnight = self._calendar.midnight(self._calendar.today(self._now))
        room = self._attention.per_day - opened_since(self._transaction, channel, ALONE, midnight)
        urgent = sum(bool(row["message"]["urgent"]) for row in ranked)
        alone = ranked[: max(room, urgent)]
        for row in alone:
            self._plan([row], f"{ALONE}{row['incident']}", (row["message"]["text"], row["message"]["blocks"]))
        rest = ranked[len(alone) :]
        # One such message a channel and day; what comes later has its turn tomorrow.
        if rest and not opened_since(self._transaction, channel, TOGETHER, midnight):
            body = self._together([row["message"]["line"] for row in rest], receipt_name(_numbers(rest)))
            self._plan(rest, f"{TOGETHER}{channel}", body)
            return len(alone) + 1
        return len(alone)

    def _plan(self, rows: Sequence[Row], schedule: str, body: Body) -> None:
        text, drawn = body
        named = "" if schedule.startswith(ALONE) else " ".join(["", *sorted(row["incident"] for row in rows)])
        message = Posting(rows[0]["channel"], text, tuple(drawn), numbers=_numbers(rows))
        # Whoever tells of them again, as the state has forgotten that it did, means the same message.
        delivery = planned(self._installation, f"{schedule}{named}", Fire(self._now), message, self._now, once=True)
        delivery = replace(delivery, schedule=schedule)
        insert(self._transaction, delivery)
        for row in rows:
            change_incident(self._transaction, row["incident"], delivery=delivery.key)
        told_events(self._transaction, [row["key"] for row in rows])

    def _reply(self, row: Row) -> int:
        """Into the thread, where there is one by now."""
        waits = self._quiet and row["what"] not in OF_PEOPLE
        if waits or not row["thread"]:
            return 0
        message = Posting(row["channel"], row["message"]["text"], tuple(row["message"]["blocks"]), thread=row["thread"])
        # By the event alone, so that it is the same delivery whoever plans it.
        delivery = planned(self._installation, f"{REPLY}{row['key']}", Fire(row["at"]), message, self._now, once=True)
        insert(self._transaction, delivery)
        told_events(self._transaction, [row["key"]])
        return 1


def _numbers(rows: Sequence[Row]) -> tuple[PostedNumber, ...]:
    """What the messages say; those of earlier releases do not tell."""
    return tuple(number_of(number) for row in rows for number in row["message"].get("numbers", ()))
