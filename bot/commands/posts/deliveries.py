"""kpi deliveries: what was posted, what is on its way, and what waits for somebody; send one again, give one up."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.commands.call import Call
from bot.terminal.text import columns_of
from kpi_core.deliveries.by_hand import cancel, delivery_named, resend
from kpi_core.deliveries.delivery_states import Delivery
from kpi_core.deliveries.messages import Amendment, FileUpload
from kpi_core.deliveries.planning import newest
from kpi_core.errors import UsageError
from kpi_core.phrases import say

MOST = 20
SHORT = 8
"""Signs of a key that are shown; any beginning that only one has names it."""


def run_deliveries(call: Call) -> int:
    """List the newest, or show, resend or cancel the one whose key begins as named."""
    action, key = call.options.action, call.options.key
    if action == "list":
        _show_list(call, newest(call.workspace.store, MOST))
        return 0
    if key is None:
        raise UsageError(f"Which one should I {action}?", code="usage", hint=f"kpi deliveries {action} KEY")
    delivery = delivery_named(call.workspace.store, key)
    if action == "show":
        _show(call, delivery)
        return 0
    call.audit(f"deliveries {action} {delivery.key}")
    if action == "resend":
        changed, sentence = resend(call.workspace.store, delivery.key, datetime.now(UTC)), "resent"
    else:
        changed = cancel(call.workspace.store, delivery.key)
        sentence = "given_up_uncertain" if changed.state == "uncertain" else "given_up"
    if call.as_json:
        call.show_json(_json(delivery_named(call.workspace.store, changed.key)))
    else:
        call.show(say(call.language, f"deliveries.{sentence}"))
    return 0


def _show_list(call: Call, deliveries: tuple[Delivery, ...]) -> None:
    if call.as_json:
        call.show_json({"deliveries": [_json(delivery) for delivery in deliveries]})
    elif not deliveries:
        call.show(say(call.language, "deliveries.none"))
    else:
        rows = [
            (_when(call, delivery), delivery.schedule, delivery.message.channel, _state(call, delivery))
            for delivery in deliveries
        ]
        widths = [max(map(columns_of, column)) for column in zip(*rows, strict=True)]
        for delivery, row in zip(deliveries, rows, strict=True):
            cells = "  ".join(cell + " " * (width - columns_of(cell)) for cell, width in zip(row, widths, strict=True))
            call.show(f"{delivery.key[:SHORT]}  {cells}")
            if delivery.error and delivery.state != "sent":
                call.show(f"{' ' * SHORT}  {delivery.error}")


def _show(call: Call, delivery: Delivery) -> None:
    if call.as_json:
        call.show_json(_json(delivery))
        return
    facts = {
        "state": _state(call, delivery),
        "schedule": delivery.schedule,
        "channel": delivery.message.channel,
        "due": _when(call, delivery),
        "attempts": str(delivery.attempts),
        "error": delivery.error,
    }
    for name, value in facts.items():
        if value:
            call.show(f"{say(call.language, f'deliveries.{name}')}: {value}")
    call.show("")
    call.show(_text(delivery))


def _text(delivery: Delivery) -> str:
    message = delivery.message
    return message.name if isinstance(message, FileUpload) else message.text


def _state(call: Call, delivery: Delivery) -> str:
    return say(call.language, f"deliveries.{delivery.state}")


def _when(call: Call, delivery: Delivery) -> str:
    return delivery.due.astimezone(call.workspace.settings.calendar.zone).isoformat(" ", "minutes")[:16]


def _json(delivery: Delivery) -> dict[str, object]:
    message = delivery.message
    kind = "change" if isinstance(message, Amendment) else "file" if isinstance(message, FileUpload) else "post"
    return {
        "key": delivery.key,
        "schedule": delivery.schedule,
        "channel": message.channel,
        "kind": kind,
        "due": delivery.due.isoformat(),
        "since": delivery.since.isoformat() if delivery.since else None,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "ts": delivery.ts,
        "error": delivery.error,
        "text": _text(delivery),
    }
