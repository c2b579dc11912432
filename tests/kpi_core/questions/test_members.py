# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""Values without their dimension: kept, left out, asked back about; never dropped and never taken for something else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.dates.calendars import Calendar
from kpi_core.errors import QuestionError
from kpi_core.query import Filter, MetricQuery
from kpi_core.questions.filters.value_words import other_words
from kpi_core.questions.parse import build_vocabulary, parse_question

import long
from tables import CATALOG

TODAY = date(2026, 11, 22)
SEOUL = Calendar(timezone="Asia/Seoul", holidays="KR")
MEMBERS: dict[str, tuple[str | None, ...]] = {
    "channel": ("search", "social", "email", "Affiliate", None),
    "campaign": ("Brand Search", "여름 세일", "Social Proof", "May", "7"),
    "device": ("mobile", "desktop"),
    "region": ("KR", "Taiwan", "US"),
    "medium": ("email", "cpc", "mobile"),
    "platform": ("google", "Google Ads"),
}
SPLITS = {
    "cac": ("channel",),
    "roas": ("channel", "campaign", "platform"),
    "sales_revenue": ("channel", "campaign", "region", "device"),
    "website_traffic": ("channel", "medium", "device"),
}
VOCABULARY = replace(
    build_vocabulary(CATALOG, lambda dimension: MEMBERS.get(dimension, ())),
    dimensions_of=lambda metric: SPLITS.get(metric, ()),
)


def ask(text: str) -> MetricQuery:
    return parse_question(text, VOCABULARY, SEOUL, TODAY)


def refused(text: str) -> QuestionError:
    with pytest.raises(QuestionError) as caught:
        ask(text)
    return caught.value


def only(dimension: str, *values: str | None) -> Filter:
    return Filter(dimension, values)


def without(dimension: str, *values: str | None) -> Filter:
    return Filter(dimension, values, excludes=True)


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("cac search last month", (only("channel", "search"),)),
        ("cac for search in october vs september", (only("channel", "search"),)),
        ("cac in channel search", (only("channel", "search"),)),
        ("search channel cac", (only("channel", "search"),)),
        ("검색 채널 CAC 지난달", (only("channel", "search"),)),
        ("cac search and social", (only("channel", "search", "social"),)),
        ("revenue from korea this quarter", (only("region", "KR"),)),
        ("revenue US last month", (only("region", "US"),)),
        ("show us revenue", ()),
        ("what revenue did email bring us", (only("channel", "email"),)),
        # A channel is what mediums are sorted into.
        ("website traffic email", (only("channel", "email"),)),
        ("모바일 매출", (only("device", "mobile"),)),
        ("대만 매출 이번 분기", (only("region", "Taiwan"),)),
        ("台灣這季營收?", (only("region", "Taiwan"),)),
        ("手機營收 上個月", (only("device", "mobile"),)),
        ("手機與電腦營收", (only("device", "mobile", "desktop"),)),
        ("韓國手機營收", (only("region", "KR"), only("device", "mobile"))),
        ("ROAS of Brand Search in august", (only("campaign", "Brand Search"),)),
        ("여름 세일 캠페인 로아스 이번달", (only("campaign", "여름 세일"),)),
        ('roas "social proof"', (only("campaign", "Social Proof"),)),
        ("roas google ads", (only("platform", "Google Ads"),)),
        ("roas 구글", (only("platform", "google"),)),
        ("revenue in may", ()),
        ("revenue by channel for mobile", (only("device", "mobile"),)),
        ("聯盟行銷的CAC", (only("channel", "Affiliate"),)),
    ],
)  # fmt: skip
def test_a_value_of_one_dimension_is_its_filter(text: str, filters: tuple[Filter, ...]) -> None:
    """In three languages, by the name in the data or another word for it; a period stays a period."""
    assert ask(text).filters == filters


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("cac excluding social last month", (without("channel", "social"),)),
        ("cac without social and email", (without("channel", "social", "email"),)),
        ("cac except for the social channel", (without("channel", "social"),)),
        ("cac w/o email", (without("channel", "email"),)),
        ("cac excluding channel=social", (without("channel", "social"),)),
        ("revenue on mobile excluding social", (only("device", "mobile"), without("channel", "social"))),
        ("소셜 빼고 CAC 지난달", (without("channel", "social"),)),
        ("소셜과 이메일을 제외한 CAC", (without("channel", "social", "email"),)),
        ("CAC 지난달 소셜 채널 제외", (without("channel", "social"),)),
        ("扣掉聯盟行銷的CAC 上個月", (without("channel", "Affiliate"),)),
        ("不含社群的CAC", (without("channel", "social"),)),
        ("除了社群以外的CAC", (without("channel", "social"),)),
        ("社群和電子郵件以外的CAC", (without("channel", "social", "email"),)),
    ],
)
def test_a_value_may_be_left_out(text: str, filters: tuple[Filter, ...]) -> None:
    """What one "and" joins is left out together."""
    assert ask(text).filters == filters


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("website traffic mobile", "bare_value"),
        ("cac by search", "unknown_dimension"),
        ("cac by channel search", "bare_value"),
        ("모바일별 매출", "unknown_word"),
        ("cac vs search", "part_against"),
        ("revenue weekend vs weekday", "part_against"),
        ("revenue weekday vs weekend", "part_against"),
        ("cac mobile", "value_of_another"),
        ("cac excluding mars", "unknown_word"),
        ("cac without", "unknown_word"),
        ("revenue excluding social, on mobile", "unknown_word"),
        ("cac excluding channel!=social", "unknown_word"),
        ("roas 7", "bare_value"),
    ],
)
def test_what_is_not_plain_is_asked_back(text: str, code: str) -> None:
    """A value of two dimensions, of none that the KPI has, one after "by" or against another, a word that binds nothing."""
    error = refused(text)
    assert error.code == code, error.message
    for question in error.suggestions:
        query = ask(question)
        assert {*query.dimensions, *(clause.dimension for clause in query.filters)} <= {*SPLITS[query.metric]}


def test_parts_against_each_other_are_a_split_of_them() -> None:
    """Two parts stand side by side, never in silence as one; a part against nothing is offered as the whole split."""
    query = ask("cac last month search vs social")
    assert (query.dimensions, query.filters) == (("channel",), (only("channel", "search", "social"),))
    assert refused("cac last month vs search").suggestions == ("cac last month by channel",)


def test_a_split_that_the_kpi_has_not_is_not_offered() -> None:
    """Of "audiance" no audience is made where the KPI has none: its own dimensions are named."""
    error = refused("cac by audiance")
    assert (error.suggestions, error.hint) == ((), "You can split by channel.")


def test_other_words_never_cross_dimensions() -> None:
    """Whatever the data calls a value, it goes by the other words of its line and by no more."""
    assert "모바일" in set(other_words("smartphone"))
    assert not {"in", "de"} & {*other_words("india"), *other_words("germany")}
    assert list(other_words("mars")) == []


WORDS = [
    "cac", "revenue", "매출", "營收", "last month", "지난달", "by", "channel", "채널", "search", "소셜", "社群", "mobile", "모바일", "korea", "대만",
    "Brand Search", "email", "and", "와", "和", "excluding", "without", "빼고", "제외", "扣掉", "以外", "vs", "for", "from", "not", ",", "top 5",
]  # fmt: skip
MARKS = {"excluding", "without", "빼고", "제외", "扣掉", "以外", "not"}
VALUES = {"search", "소셜", "社群", "mobile", "모바일", "korea", "대만", "Brand Search", "email"}


@long.examples("values strewn over questions", 60, 20_000)
@given(st.lists(st.sampled_from(WORDS), max_size=8))
def test_no_value_and_no_exclusion_is_dropped(words: list[str]) -> None:
    """A question that is answered has a filter where a value was named, and leaves out only where that was said."""
    try:
        query = ask(" ".join(words))
    except QuestionError as error:
        for question in error.suggestions:
            assert ask(question).metric
        return
    assert bool(query.filters) == bool(VALUES & set(words))
    assert any(clause.excludes for clause in query.filters) == bool(MARKS & set(words))
