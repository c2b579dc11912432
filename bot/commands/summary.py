"""kpi summary: what a summary says now; with --post it goes to its channel through the delivery ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from bot.commands.call import Call
from bot.running.summarising import composed, message_of, summary_setting
from bot.slack.app import slack_access
from bot.slack.delivering import deliver_planned
from bot.workspace import Workspace
from kpi_core.deliveries.ledger import Delivery, plan_once
from kpi_core.deliveries.summaries import Summary
from kpi_core.errors import ServiceError
from kpi_core.formats.summary_json import summary_json


def run_summary(call: Call) -> int:
    """Print the summary; --post sends it too."""
    workspace = call.workspace
    setting = summary_setting(workspace.settings, call.options.name)
    summary = composed(workspace, setting, call.now())
    # The ledger runs by the real clock even where --now moves the one that questions see.
    posted = post_summary(workspace, summary, lambda: datetime.now(UTC)) if call.options.post else None
    if call.as_json:
        call.show_json(summary_json(summary, call.language) | ({"posted": _where(posted)} if posted else {}))
        return 0
    from bot.terminal.card import terminal_summary

    call.show(terminal_summary(summary, call.language, colour=call.colour))
    if posted:
        call.say(f"Posted to {posted.message.channel}.")
    return 0


def post_summary(workspace: Workspace, summary: Summary, clock: Callable[[], datetime]) -> Delivery:
    """Post it now through the ledger. ServiceError with the reason when Slack did not take it."""
    setting = summary_setting(workspace.settings, summary.name)
    access = slack_access(workspace.environment)
    message = message_of(summary, setting, workspace.settings.locale)
    name, planned_at = f"summary:{summary.name}", clock()
    # Planned before it is sent: killed in between, kpi run sends it.
    plan_once(workspace.store, name, [message], planned_at)
    for delivery in deliver_planned(workspace.store, access, clock):
        if (delivery.schedule, delivery.due) == (name, planned_at):
            return _posted(delivery)
    raise ServiceError("The summary is waiting for an earlier post.", code="not_posted", hint="Try again in a minute.")


def _posted(delivery: Delivery) -> Delivery:
    if delivery.state == "sent":
        return delivery
    hint = "It stays planned: kpi run sends it as soon as Slack takes it." if delivery.state != "refused" else ""
    raise ServiceError(f"The summary is not posted: {delivery.error}", code="not_posted", hint=hint)


def _where(delivery: Delivery) -> dict[str, str | None]:
    return {"channel": delivery.message.channel, "ts": delivery.ts}
