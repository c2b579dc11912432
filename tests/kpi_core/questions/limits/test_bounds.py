"""Groups of a split asked for by their value: which side of which limit, in three languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kpi_core.dates.calendars import Calendar
from kpi_core.deliveries.posted_number import query_json, query_of
from kpi_core.errors import QuestionError
from kpi_core.formats.reading_json import reading_json
from kpi_core.query import Bound, MetricQuery
from kpi_core.questions.parse import build_vocabulary, parse_question
from kpi_core.questions.spelled import question_of

from tables import CATALOG

VOCABULARY = replace(build_vocabulary(CATALOG, lambda _dimension: ()), currency="USD")


def ask(text: str) -> MetricQuery:
    return parse_question(text, VOCABULARY, Calendar(), date(2026, 11, 22))


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("campaigns with ROAS above 3", (Bound("above", 3),)),
        ("roas >= 2.5 by campaign", (Bound("at_least", 2.5),)),
        ("roas <3 by campaign", (Bound("below", 3),)),
        ("campaigns with more than 1,000 clicks", (Bound("above", 1000),)),
        ("channels with cac over $40 last month", (Bound("above", 40),)),
        ("campaigns with roas above 2 and below 5", (Bound("above", 2), Bound("below", 5))),
        ("campaigns with roas between 2 and 4", (Bound("at_least", 2), Bound("at_most", 4))),
        ("campaigns with spend between $100 and $1k", (Bound("at_least", 100), Bound("at_most", 1000))),
        ("CAC가 30에서 50 사이인 채널", (Bound("at_least", 30), Bound("at_most", 50))),
        ("營收在一萬到五萬之間的通路 上個月", (Bound("at_least", 10_000), Bound("at_most", 50_000))),
        ("ROAS 3 이상인 캠페인", (Bound("at_least", 3),)),
        ("ROAS 300% 이상인 캠페인", (Bound("at_least", 3, percent=True),)),
        ("전환율 2% 미만인 채널 지난달", (Bound("below", 0.02, percent=True),)),
        ("전환율 2 미만인 채널", (Bound("below", 0.02, percent=True),)),
        ("클릭 1천번 넘는 캠페인", (Bound("above", 1000),)),
        ("ROAS 高於 3 的廣告活動", (Bound("above", 3),)),
        ("上個月營收超過1萬的通路", (Bound("above", 10_000),)),
        ("各通路訂單數100以下", (Bound("at_most", 100),)),
    ],
)
def test_groups_are_asked_for_by_their_value(text: str, bounds: tuple[Bound, ...]) -> None:
    """The reading says so, its words mean the same again, and a posted number remembers it."""
    query = ask(text)
    assert query.bounds == bounds
    assert reading_json(query)["having"] == {bound.kind: bound.limit for bound in bounds}
    assert ask(question_of(query)).bounds == bounds
    assert query_of(query_json(query)) == query


@pytest.mark.parametrize(
    "text",
    [
        "revenue over 3000",  # without a split there are no groups
        "revenue of more than 3 campaigns",  # a number of campaigns
        "超過3個活動的營收",
        "channels with cac over ₩40000",  # another currency than the workspace's
        "campaigns with clicks above 5%",
        "cac above 40% by channel",
    ],
)
def test_a_limit_that_is_none_of_the_kpi_is_refused(text: str) -> None:
    """Nothing is taken for a limit that may mean something else."""
    with pytest.raises(QuestionError):
        ask(text)


def test_what_is_more_than_a_period_is_a_comparison() -> None:
    """What is more than last month names no limit."""
    assert ask("more orders than last month by channel").bounds == ()
