"""kpi summary: what a summary says now; with --post it goes to its channel through the delivery ledger."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime

from bot.commands.call import Call
from bot.running.renewing import renewing
from bot.running.telling.summarising import about, composed, message_of, summary_setting
from bot.slack.app import slack_access
from bot.slack.delivering import deliver_planned
from bot.workspace import Workspace
from kpi_core.deliveries.delivery_states import Delivery
from kpi_core.deliveries.planning import of_period, plan_once
from kpi_core.deliveries.summaries import Summary
from kpi_core.errors import KpiBotError, ServiceError
from kpi_core.formats.summary_json import summary_json
from kpi_core.phrases import say


def run_summary(call: Call) -> int:
    """Print the summary; --post sends it too."""
    workspace = call.workspace
    setting = summary_setting(workspace.settings, call.options.name)
    summary = composed(workspace, setting, call.now())
    posted = None
    if call.options.post and _may_post(call, summary):
        call.audit(f"summary {summary.name} --post")
        # The ledger runs by the real clock even where --now moves the one that questions see.
        posted = post_summary(workspace, summary, lambda: datetime.now(UTC))
    if call.as_json:
        call.show_json(summary_json(summary, call.language) | ({"posted": _where(posted)} if posted else {}))
        return 0
    from bot.terminal.card import terminal_summary

    call.show(terminal_summary(summary, call.language, colour=call.colour))
    if posted:
        call.say(f"Posted to {posted.message.channel}.")
    return 0


def _may_post(call: Call, summary: Summary) -> bool:
    """Whether a summary of this period may go out: it is the first, --again, or somebody here says yes.

    KpiBotError where there is one already and nobody can be asked.
    """
    earlier = of_period(call.workspace.store, _schedule(summary), about(summary))
    if not earlier or call.options.again:
        return True
    channel = earlier[0].message.channel
    when = earlier[0].due.astimezone(call.workspace.settings.calendar.zone).isoformat(" ", "minutes")[:16]
    key = "summary_post.posted" if earlier[0].state == "sent" else "summary_post.planned"
    there = say(call.language, key, channel=channel, when=when)
    if not call.as_json and sys.stdin.isatty():
        return input(f"{there} {say(call.language, 'summary_post.again')} [y/N] ").strip().casefold() in {"y", "yes"}
    raise KpiBotError(there, code="already_posted", hint=say(call.language, "summary_post.hint"))


def post_summary(workspace: Workspace, summary: Summary, clock: Callable[[], datetime]) -> Delivery:
    """Post it now through the ledger. ServiceError with the reason when Slack did not take it."""
    setting = summary_setting(workspace.settings, summary.name)
    access = renewing(slack_access(workspace.environment), workspace.settings.folder, workspace.environment)
    message = message_of(summary, setting, workspace.settings.locale)
    name, planned_at = _schedule(summary), clock()
    # Planned before it is sent: killed in between, kpi run sends it.
    plan_once(workspace.store, name, [message], planned_at)
    try:
        deliveries = deliver_planned(workspace.store, access, workspace.settings.locale)
    except ServiceError as error:
        raise _not_posted(error.message, "planned") from None
    for delivery in deliveries:
        if (delivery.schedule, delivery.due) == (name, planned_at):
            return _posted(delivery)
    raise _not_posted("Another process is at it, or an earlier post comes first.", "planned")


def _schedule(summary: Summary) -> str:
    return f"summary:{summary.name}"


def _posted(delivery: Delivery) -> Delivery:
    if delivery.state == "sent":
        return delivery
    if delivery.state == "uncertain":
        # Slack may have it: nothing here may sound as if it had not.
        message = f"Nobody knows yet whether the summary was posted. {delivery.error}"
        hint = "kpi run looks it up and posts it only if it is not there. Do not post it again by hand."
        raise ServiceError(message, code="post_uncertain", hint=hint)
    raise _not_posted(delivery.error or "Slack takes no posts for the moment.", delivery.state)


def _not_posted(reason: str, state: str) -> ServiceError:
    hint = "" if state == "refused" else "It stays planned: kpi run sends it as soon as Slack takes it."
    return ServiceError(f"The summary is not posted: {reason}", code="not_posted", hint=hint)


def _where(delivery: Delivery) -> dict[str, str | None]:
    return {"channel": delivery.message.channel, "ts": delivery.ts}
