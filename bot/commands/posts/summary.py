"""kpi summary: what a summary says now; with --post it goes to its channel through the delivery ledger."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from bot.commands.call import Call
from bot.running.renewing import renewing
from bot.running.telling.summarising import about, composed, message_of, summary_setting
from bot.slack.app import SlackAccess, slack_access
from bot.slack.delivering import deliver_planned
from bot.workspace import Workspace
from kpi_core.deliveries.delivery_states import Delivery
from kpi_core.deliveries.messages import Posting
from kpi_core.deliveries.planning import of_period, plan_first, plan_once
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
    if call.options.post and (wish := _wish(call, summary)):
        call.audit(f"summary {summary.name} --post")
        # The ledger runs by the real clock even where --now moves the one that questions see.
        if wish == "again":
            posted = post_summary(workspace, summary, lambda: datetime.now(UTC))
        elif (posted := _post_first(workspace, summary, datetime.now(UTC))) is None:
            # Another process was quicker.
            raise _already(call, _there(call, summary))
    if call.as_json:
        call.show_json(summary_json(summary, call.language) | ({"posted": _where(posted)} if posted else {}))
        return 0
    from bot.terminal.card import terminal_summary

    call.show(terminal_summary(summary, call.language, colour=call.colour))
    if posted:
        call.say(f"Posted to {posted.message.channel}.")
    return 0


def _wish(call: Call, summary: Summary) -> Literal["first", "again", ""]:
    """How a summary of this period may go out: as the first, once more, or, since somebody here says no, not at all.

    KpiBotError where there is one already and nobody can be asked.
    """
    if call.options.again:
        return "again"
    there = _there(call, summary)
    if there and not call.as_json and sys.stdin.isatty():
        typed = input(f"{there} {say(call.language, 'summary_post.again')} [y/N] ").strip().casefold()
        return "again" if typed in {"y", "yes"} else ""
    if there:
        raise _already(call, there)
    return "first"


def _already(call: Call, there: str) -> KpiBotError:
    return KpiBotError(there, code="already_posted", hint=say(call.language, "summary_post.hint"))


def _there(call: Call, summary: Summary) -> str:
    """What is known of an earlier post of this period; empty where there is none."""
    earlier = of_period(call.workspace.store, _schedule(summary), about(summary))
    if not earlier:
        return ""
    channel = earlier[0].message.channel
    when = earlier[0].due.astimezone(call.workspace.settings.calendar.zone).isoformat(" ", "minutes")[:16]
    key = "summary_post.posted" if earlier[0].state == "sent" else "summary_post.planned"
    return say(call.language, key, channel=channel, when=when)


def post_summary(workspace: Workspace, summary: Summary, clock: Callable[[], datetime]) -> Delivery:
    """Post it now through the ledger. ServiceError with the reason when Slack did not take it."""
    access, now = _access(workspace), clock()
    # Planned before it is sent: killed in between, kpi run sends it.
    plan_once(workspace.store, _schedule(summary), [_message(workspace, summary)], now)
    return _sent(workspace, access, summary, now)


def _post_first(workspace: Workspace, summary: Summary, now: datetime) -> Delivery | None:
    """The same; None where a post of its period is there, or on its way, by now."""
    access = _access(workspace)
    if plan_first(workspace.store, _schedule(summary), [_message(workspace, summary)], now):
        return _sent(workspace, access, summary, now)
    return None


def _message(workspace: Workspace, summary: Summary) -> Posting:
    setting = summary_setting(workspace.settings, summary.name)
    return message_of(summary, setting, workspace.settings.locale)


def _access(workspace: Workspace) -> SlackAccess:
    return renewing(slack_access(workspace.environment), workspace.settings.folder, workspace.environment)


def _sent(workspace: Workspace, access: SlackAccess, summary: Summary, planned_at: datetime) -> Delivery:
    try:
        deliveries = deliver_planned(workspace.store, access, workspace.settings.locale)
    except ServiceError as error:
        raise _not_posted(error.message, "planned") from None
    for delivery in deliveries:
        if (delivery.schedule, delivery.due) == (_schedule(summary), planned_at):
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
