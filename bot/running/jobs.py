"""What a workspace does by itself: loads, summaries, syncs and the posts that are due."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from bot.running.loading import load_sources
from bot.running.owners import lost_kpis, silent_sources
from bot.running.owners.lapses import tell_of_lapse
from bot.running.owners.naming import Naming
from bot.running.owners.owner import OwnerOf, follow
from bot.running.owners.wrong_clock import tell_of_clock
from bot.running.syncing import QUOTA, sync_sheet
from bot.running.telling import restating, retiring
from bot.running.telling.alerting import Alerting
from bot.running.telling.greeting import Homes, Welcome
from bot.running.telling.late_data import no_longer_late, tell_of_leaving_out, tell_of_waiting
from bot.running.telling.previewing import Previewing
from bot.running.telling.reminding import reminders
from bot.running.telling.summarising import composed, message_of
from bot.running.true_clock import TrueClock
from bot.running.watching import WATCHED, NewWatch, Watch
from bot.running.wheel import Job, NotYet, Wheel
from bot.slack.app import Services, SlackAccess
from bot.slack.closed_channels import closed_channels
from bot.slack.delivering import deliver_planned, write_directly
from bot.slack.member_names import member_names
from bot.slack.slack_clock import slack_clock
from bot.workspace import Workspace
from kpi_core.dates.schedule import Fire, parse_every, parse_wait
from kpi_core.deliveries.delivery_states import Delivery
from kpi_core.deliveries.messages import Message
from kpi_core.deliveries.summaries import lacks_data, summary_times
from kpi_core.errors import ServiceError
from kpi_core.formats.notices import notice_text
from kpi_core.settings.values import Reminder, SheetSync, Source, Summary

log = logging.getLogger("kpi_bot.schedules")
LONGEST_TURN = timedelta(hours=1)
"""For so long a sheet waits for a quota that others use up."""


def wheel_of(
    workspace: Workspace, access: SlackAccess, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Wheel:
    """The wheel of a workspace, by `clock`."""
    zone = workspace.settings.calendar.zone
    naming = Job("names", None, Naming(workspace, partial(member_names, access)))
    true_clock = TrueClock(clock, partial(slack_clock, access))
    jobs = (
        naming,
        Job("clock", None, partial(tell_of_clock, workspace, true_clock)),
        *timed_jobs(workspace),
        _alerts(workspace, access, clock),
        _restatements(workspace),
        _retirement(workspace),
        _lost_kpis(workspace),
        _silent_sources(workspace),
        Job("lapse", None, partial(tell_of_lapse, workspace)),
        Job("homes", None, Homes(workspace, access, partial(_services, workspace, clock))),
        Job("welcome", None, Welcome(workspace, access)),
        _deliveries(workspace, access),
    )
    owner = OwnerOf(workspace, partial(write_directly, access))
    return Wheel(jobs, lambda: workspace.store, zone, true_clock, owner, true_clock.check)


def timed_jobs(workspace: Workspace) -> Iterator[Job]:
    """All that kpi.yaml wants done by itself. Loads come first: what is due at the same time reads their data."""
    settings = workspace.settings
    for source in settings.sources:
        if source.every is not None:
            yield Job(f"load:{source.name}", parse_every(source.every), partial(_load, workspace, source))
        elif source.type in WATCHED:
            yield Job(f"files:{source.name}", None, Watch(workspace, source.name))
    if workspace.config is not None:
        yield Job("files:", None, NewWatch(workspace))
    for summary in settings.summaries:
        schedule, zone = summary_times(summary, settings)
        yield Job(f"summary:{summary.name}", schedule, partial(_summarise, workspace, summary), zone)
        if summary.preview and settings.owner:
            yield Job(f"preview:{summary.name}", None, Previewing(workspace, summary))
    for reminder in settings.reminders:
        yield Job(f"reminder:{reminder.name}", parse_every(reminder.every), partial(_remind, workspace, reminder))
    for sheet in settings.sheets:
        yield Job(f"sheet:{sheet.spreadsheet}", parse_every(sheet.every), partial(_sync, workspace, sheet))


def _services(workspace: Workspace, clock: Callable[[], datetime]) -> Services:
    """What is needed to show somebody their Home."""
    return Services(workspace.door, workspace.settings, clock, lambda: workspace.store)


def _restatements(workspace: Workspace) -> Job:
    """Each morning, as kpi.yaml says nothing of it."""
    return Job("restatements", parse_every(restating.EVERY), partial(_restate, workspace))


def _lost_kpis(workspace: Workspace) -> Job:
    return Job("lost", parse_every(lost_kpis.EVERY), partial(lost_kpis.tell_of_lost_kpis, workspace))


def _silent_sources(workspace: Workspace) -> Job:
    every = parse_every(silent_sources.EVERY)
    return Job("silent", every, partial(silent_sources.tell_of_silent_sources, workspace))


def _retirement(workspace: Workspace) -> Job:
    """Once a week, as kpi.yaml says nothing of it either."""
    return Job("retirement", parse_every(retiring.EVERY), partial(retiring.propose_retirement, workspace))


def _alerts(workspace: Workspace, access: SlackAccess, clock: Callable[[], datetime]) -> Job:
    """Alerts are looked at when data, day or rules are new, so each round: people may set some at any time."""
    closed = partial(closed_channels, access, _services(workspace, clock))
    return Job("alerts", None, Alerting(workspace, closed))


def _deliveries(workspace: Workspace, access: SlackAccess) -> Job:
    """Posts come last, as they were just planned; each round, as one that Slack put off has a time of its own."""
    return Job("deliveries", None, partial(_deliver, workspace, access), longest_wait=timedelta(minutes=1))


def _load(workspace: Workspace, source: Source, now: datetime, _fire: Fire) -> Sequence[Message]:
    # Each source by itself: one that fails keeps its own schedule back, and no other's.
    (loaded,) = load_sources(workspace, now, only=source.name).sources
    if loaded.error is not None:
        raise loaded.error
    log.info("load:%s: %d rows, %d kept out", source.name, loaded.rows, loaded.rejected)
    for notice in loaded.warnings:
        log.warning("load:%s: %s", source.name, notice_text(notice, "en"))
    return ()


def _summarise(workspace: Workspace, setting: Summary, now: datetime, fire: Fire) -> Sequence[Message]:
    summary = composed(workspace, setting, now, fire.since)
    if lacks_data(summary) and setting.wait_for_data:
        until = fire.due + parse_wait(setting.wait_for_data)
        if now < until:
            tell_of_waiting(workspace, setting, summary, now, until)
            reason = "data is late"
            raise NotYet(reason)
        if setting.if_late == "skip":
            tell_of_leaving_out(workspace, setting, summary, now)
            log.warning("summary:%s: skipped, as its data is late", setting.name)
            return []
    no_longer_late(workspace, setting)
    return [message_of(summary, setting, workspace.settings.locale)]


def _remind(workspace: Workspace, setting: Reminder, now: datetime, _fire: Fire) -> Sequence[Message]:
    return reminders(workspace, setting, now)


def _restate(workspace: Workspace, now: datetime, _fire: Fire) -> Sequence[Message]:
    return restating.amendments(workspace, now)


def _sync(workspace: Workspace, sheet: SheetSync, now: datetime, fire: Fire) -> Sequence[Message]:
    """A sync writes absolute values, so one that is repeated after a crash does no harm."""
    try:
        report = sync_sheet(workspace, sheet, now, now)
    except ServiceError as error:
        # Other sheets of the account are at it: it has its turn once they are done, and is told when that never comes.
        if error.code == QUOTA and now < fire.due + LONGEST_TURN:
            raise NotYet(error.message) from error
        raise
    log.info("%s: %d cells changed", report.spreadsheet, report.cells_changed)
    for warning in (*report.conflicts, *report.warnings):
        log.warning("%s: %s", report.spreadsheet, warning)
    return ()


def _deliver(workspace: Workspace, access: SlackAccess, now: datetime, _fire: Fire) -> Sequence[Message]:
    def settled(delivery: Delivery) -> None:
        if delivery.error:
            log.error("%s: %s", delivery.schedule, delivery.error)
        follow(workspace, delivery, now)

    deliver_planned(workspace.store, access, workspace.settings.locale, settled)
    return ()
