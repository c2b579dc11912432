"""Names from data do nothing: as a filter of SQL they are what they say, in Slack they are shown letter by letter."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.cards.answer import answer_card
from bot.cards.card import Card, plainer
from kpi_core.dates.periods import Period
from kpi_core.query import Filter, MetricQuery

import long
from tables import engine_on

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1), "month")
PIECES = (
    "<!channel>", "<!here|x>", "<!subteam^S1>", "<@U0MINA>", "<#C0BOARD>", "<https://evil.example|click>", "*free*",
    "_x_", "`rm`", "&lt;!channel&gt;", "&amp;", ":boom:", "' OR 1=1 --", "'; DROP TABLE ad_performance; --",
    '" OR ""="', "$b0", "$1", "%s", "{0}", "\\", "\\'", "/*", "*/", "--", "\n", "\t", "\u202e", "\u200b", "검색",
    "=1+1", "0", "NULL",
)  # fmt: skip
AT_ONCE = 50


def hostile(count: int) -> list[str]:
    """Different texts that end alike in nothing."""
    chance = random.Random(0)
    names = (f"{''.join(chance.choices(PIECES, k=chance.randint(1, 4)))}{number}" for number in range(count))
    return list(names)


def spoken(card: Card) -> Iterator[str]:
    """Every text of a card that Slack reads as its markup."""
    yield card.text

    def walk(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            if node.get("type") == "mrkdwn":
                yield str(node["text"])
            for each in node.values():
                yield from walk(each)
        elif isinstance(node, list):
            for each in node:
                yield from walk(each)

    yield from walk(card.blocks)


@pytest.mark.long
def test_names_from_data_do_nothing(tmp_path: Path) -> None:
    """Filtered by any of them, just its own rows count; the card and each plainer form hold no markup of theirs."""
    names = hostile(long.times(50, 5_000))
    rows = [
        {"date": "2026-10-05", "campaign": name, "spend": number + 1, "clicks": 1} for number, name in enumerate(names)
    ]
    engine = engine_on(tmp_path / "kpi.duckdb", {"ad_performance": rows})
    active = 0
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        queries = [
            MetricQuery("ad_spend", OCTOBER, (), filters=(Filter("campaign", (name,)),), trended=False) for name in some
        ]
        split = MetricQuery("ad_spend", OCTOBER, (), ("campaign",), (Filter("campaign", tuple(some)),), whole=True)
        *alone, together = engine.answers([*queries, split], NOW)
        assert [answer.value for answer in alone] == [start + number + 1 for number in range(len(some))]
        assert {row.keys[0] for row in together.breakdown or ()} == set(some)
        for answer in (alone[0], together):
            card: Card | None = answer_card(answer, "en")
            while card is not None:
                active += sum("<" in text or re.search(r"&(?!lt;|gt;|amp;)", text) is not None for text in spoken(card))
                card = plainer(card)
    assert active == 0
    long.ran("hostile names in SQL and in Slack", len(names), active=active)
