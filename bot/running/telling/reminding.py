"""Reminders of kpi.yaml as direct messages: how sure owners are of their goals, and numbers that are kept by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from bot.cards import blocks
from bot.cards.lines import goal_line, headline, title
from bot.workspace import Workspace
from kpi_core.access.audiences import Audience, Channel, Person
from kpi_core.access.doorway import Door
from kpi_core.deliveries.messages import Message, Posting
from kpi_core.formats.goals.goal_words import check_in_text
from kpi_core.formats.periods import date_text
from kpi_core.goals.check_ins import CheckIn
from kpi_core.phrases import say
from kpi_core.review.goal_review import reviewed_goals
from kpi_core.settings.values import Goal, Reminder
from kpi_core.state.check_in_rows import newest_check_ins

BY_HAND = frozenset({"csv", "xlsx", "sheet"})
"""The types of sources that people fill."""
MOST_LINES = 45
"""Blocks that fit into one message."""


def reminders(workspace: Workspace, setting: Reminder, now: datetime) -> list[Message]:
    """One message for each who is asked; nobody is asked about nothing.

    An owner who is no member of Slack cannot be written to, and hears nothing.
    """
    if setting.about == "numbers":
        return _numbers(workspace, setting, now)
    check_ins = newest_check_ins(workspace.store)
    readers = (setting.to,) if setting.to else filter(blocks.is_user_id, workspace.goal_owners())
    posts: list[Message] = []
    for reader in readers:
        door = workspace.door(_audience(reader))
        running = [goal for goal in door.goals() if goal.by >= door.today(now)]
        own = running if setting.to else [goal for goal in running if goal.owner == reader]
        if lines := list(_lines(door, own, check_ins, now)):
            head = say(_language(workspace), "reminder.goals", day=date_text(door.today(now), _language(workspace)))
            posts.append(_post(setting, reader, [head, *lines, say(_language(workspace), "reminder.ask")]))
    return posts


def _lines(door: Door, goals: Sequence[Goal], check_ins: Mapping[str, CheckIn], now: datetime) -> Iterator[str]:
    """Each goal as it stands, with what was said of it last."""
    language, calendar = door.settings.locale, door.settings.calendar
    for reviewed in reviewed_goals(door, goals, now):
        if reviewed.answer is None:
            continue
        line = f"{title(reviewed.answer, language, door.catalog)}: {headline(reviewed.answer, language)}"
        details = [line, goal_line(reviewed.answer, language) or ""]
        if check_in := check_ins.get(reviewed.goal.key):
            words = check_in_text(check_in, language, calendar.today(check_in.at))
            details.append(say(language, "reminder.last", check_in=words))
        yield " · ".join(part for part in details if part)


def _numbers(workspace: Workspace, setting: Reminder, now: datetime) -> list[Message]:
    """How far each source reaches that is kept by hand."""
    settings, language = workspace.settings, _language(workspace)
    reader = setting.to or settings.owner
    if not reader:
        return []
    reach = workspace.door(_audience(reader)).coverage(now)
    lines = []
    for source in settings.sources:
        if source.name == setting.source or (not setting.source and source.type in BY_HAND and source.every is None):
            through = reach[source.table].last if source.table in reach else None
            key = "reminder.numbers" if through else "reminder.no_numbers"
            lines.append(
                say(language, key, source=source.name, through=date_text(through, language) if through else "")
            )
    return [_post(setting, reader, lines)] if lines else []


def _post(setting: Reminder, reader: str, lines: list[str]) -> Posting:
    drawn = tuple(blocks.section(line) for line in lines[:MOST_LINES])
    return Posting(
        reader, blocks.escaped("\n".join(lines[:MOST_LINES])), drawn, series=f"reminder:{setting.name}:{reader}"
    )


def _audience(reader: str) -> Audience:
    return Person(reader) if blocks.is_user_id(reader) else Channel(reader)


def _language(workspace: Workspace) -> str:
    return workspace.settings.locale
