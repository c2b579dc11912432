"""The values of a dimension without a KPI: of all time or some days, narrowed, and only what the audience may see."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.cards.dimension_values import member_lines, members_card, members_heading
from bot.slack.listeners.request import read_request
from kpi_core.access.audiences import Channel, Person
from kpi_core.access.doorway import Door
from kpi_core.answering.splits import dimension_members as room
from kpi_core.answers import Members
from kpi_core.errors import QuestionError
from kpi_core.formats.members_json import members_json
from kpi_core.query import MembersQuery
from kpi_core.settings.values import Access

from tables import CATALOG, engine_on

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
ORDERS = [
    {"order_id": f"{n}", "customer_id": "kim", "ordered_at": datetime(2026, month, 5, 12), "revenue": 1,
     "channel": channel, "region": region}
    for n, (month, channel, region) in enumerate(
        ((9, "search", "KR"), (10, "social", "KR"), (10, None, "TW"), (10, "social", "TW"), (12, "later", "KR"))
    )
]  # fmt: skip
ADS = [{"date": date(2026, 10, 5), "channel": "display", "platform": "meta", "spend": 3}]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("values") / "v.duckdb"


@pytest.fixture(scope="module")
def open_door(path: Path) -> Door:
    return Door(engine_on(path, {"orders": ORDERS, "ad_performance": ADS}), Person("U1"))


CASES: tuple[tuple[str, list[Any]], ...] = (
    ("channel", [("display",), ("search",), ("social",), (None,)]),
    ("channels last-month", [("display",), ("social",), (None,)]),
    ("channel where region=TW", [("social",), (None,)]),
    ("channel 2026-09", [("search",)]),
    ("channel where channel!=social", [("display",), ("search",), (None,)]),
    ("channel, region last month", [("display", None), ("social", "KR"), ("social", "TW"), (None, "TW")]),
    ("platform", [("meta",)]),
    ("채널 지난달", [("display",), ("social",), (None,)]),
    ("管道 上個月", [("display",), ("social",), (None,)]),
    ("channel 2025", []),
    ("weekday 2026-10 where region=TW", [("monday",)]),
    ("hour where region=TW", [("12:00",)]),
)


@pytest.mark.parametrize(("words", "expected"), CASES, ids=[words for words, _groups in CASES])
def test_values_are_those_of_the_rows(open_door: Door, words: str, expected: list[Any]) -> None:
    """Of every table that has the dimensions; a row of December has not come yet."""
    assert list(open_door.members(words, NOW).groups) == expected


@pytest.mark.parametrize("words", ["", "shoe size", "channel top 3", "channel vs last year", "channel monthly", "cac"])
def test_what_names_no_dimension_alone_is_refused(open_door: Door, words: str) -> None:
    """With the dimensions that there are."""
    with pytest.raises(QuestionError) as refused:
        open_door.members(words, NOW)
    assert refused.value.code == "values_unread"
    assert "channel" in refused.value.hint


def test_a_value_that_there_is_not_is_told_without_the_others(open_door: Door) -> None:
    """They may be of tables that the reader has no part in."""
    with pytest.raises(QuestionError) as refused:
        open_door.members("channel where region=Mars", NOW)
    assert refused.value.code == "unknown_value"
    assert "KR" not in f"{refused.value} {refused.value.hint} {refused.value.params} {refused.value.suggestions}"
    assert refused.value.hint == "kpi values region lists them."


def test_no_table_has_both(open_door: Door) -> None:
    """A platform belongs to ads, an order has none: their values are no pairs."""
    with pytest.raises(QuestionError) as refused:
        open_door.members("platform, landing", NOW)
    assert refused.value.code in {"no_such_values", "values_unread"}


def test_what_an_audience_may_not_see_has_no_values(path: Path, open_door: Door) -> None:
    """A channel to which every KPI of ads is closed reads no name of theirs; orders stay as they are."""
    from kpi_core.answering.engine import Engine
    from kpi_core.answering.layout import models_of
    from kpi_core.warehouse.duckdb import DuckDBWarehouse

    from tables import settings

    _ = open_door
    metrics = CATALOG.metrics.values()
    of_ads = {each.variant_of or each.id for each in metrics if "ad_performance" in models_of(each, CATALOG)}
    access = {name: Access(channels=("C9",)) for name in of_ads}
    engine = Engine(settings(access=access), CATALOG, DuckDBWarehouse(path))
    closed, opened = Door(engine, Channel("C1")), Door(engine, Channel("C9"))
    assert ("display",) not in closed.members("channel", NOW).groups
    assert ("display",) in opened.members("channel", NOW).groups
    with pytest.raises(QuestionError):
        closed.members("platform", NOW)


def test_a_long_list_says_that_it_goes_on(open_door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_MEMBERS", 2)
    members = open_door.members("channel", NOW)
    assert (members.groups, members.more) == ((("display",), ("search",)), True)
    assert members_heading(members, "en", CATALOG) == "channel: 2+"


def test_values_are_shown_and_written(open_door: Door) -> None:
    """A heading with the days, a line each; JSON has ids and half-open days."""
    members = open_door.members("channel last-month where region=TW", NOW)
    assert members_heading(members, "ko", CATALOG) == "채널 · 2026년 10월: 2개"
    assert member_lines(members, "en") == ["social", "(none)"]
    assert members_json(members) == {
        "dimensions": ["channel"],
        "period": {"start": "2026-10-01", "end": "2026-11-01"},
        "where": {"region": ["TW"]},
        "where_not": {},
        "values": [{"channel": "social"}, {"channel": None}],
        "more": False,
    }


def test_a_card_has_room_for_a_message() -> None:
    """Thousands of long names, with signs that Slack escapes: what is left out is counted."""
    groups = tuple((f"<campaign & {n:04} {'x' * 40}>",) for n in range(1_000))
    card = members_card(Members(MembersQuery(("campaign",)), groups), "en", CATALOG)
    assert all(len(block["text"]["text"]) <= 3_000 for block in card.blocks if block["type"] == "section")
    assert "more" in str(card.blocks[-1])
    assert members_card(Members(MembersQuery(("campaign",)), ()), "zh-TW", CATALOG).text == "行銷活動：沒有值"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("values channel", "channel"),
        ("Values of channel last-month", "channel last-month"),
        ("list values for campaign --private", "campaign"),
        ("값 채널", "채널"),
        ("채널 값", "채널"),
        ("管道的值", "管道"),
        ("which channels are there?", "channels"),
        ("캠페인 목록 보여줘", "캠페인"),
        ("有哪些管道", "管道"),
    ],
)
def test_slack_asks_for_values(typed: str, words: str) -> None:
    request = read_request(typed)
    assert (request.kind, request.words) == ("values", words)


def test_a_question_stays_one() -> None:
    assert read_request("revenue by channel").kind == "question"
    assert read_request("lifetime value").kind == "question"
