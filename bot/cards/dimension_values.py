"""The values of a dimension as a card: what can be asked for, without a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards import blocks
from bot.cards.card import Card
from bot.cards.lines import group_name
from kpi_core.formats.notices import dimension_name
from kpi_core.formats.periods import period_label
from kpi_core.phrases import say

if TYPE_CHECKING:
    from kpi_core.answers import Members
    from kpi_core.metrics import Catalog

_ROOM = 2_900


def members_card(members: Members, language: str, catalog: Catalog) -> Card:
    """Its heading, and all values that a message has room for."""
    heading, lines = members_heading(members, language, catalog), member_lines(members, language)
    shown, room = [], _ROOM
    for line in lines:
        room -= len(blocks.escaped(line)) + 1
        if room < 0:
            break
        shown.append(line)
    left = len(lines) - len(shown)
    rest = [say(language, "values.more", count=left)] if left or members.more else []
    body = [blocks.section("\n".join(shown))] if shown else []
    text = "\n".join([heading, *shown, *rest])
    return Card(
        blocks.escaped(text, _ROOM), [blocks.section(heading), *body, *([blocks.context(rest)] if rest else [])]
    )


def members_heading(members: Members, language: str, catalog: Catalog) -> str:
    """What is listed: "channel, region · October 2026: 4"."""
    names = ", ".join(dimension_name(name, language, catalog) for name in members.query.dimensions)
    period = members.query.period
    title = f"{names} · {period_label(period, language)}" if period is not None else names
    count = f"{len(members.groups)}+" if members.more else len(members.groups)
    return say(language, "values.heading" if members.groups else "values.none", title=title, count=count)


def member_lines(members: Members, language: str) -> list[str]:
    """A line for each value, or for each pair of them."""
    return [" · ".join(group_name(key, 0, language) for key in group) for group in members.groups]
