# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""Questions in words: the grammar in three languages, and what is said about what cannot be read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from random import Random
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period
from kpi_core.errors import QuestionError
from kpi_core.metrics import LANGUAGES, Cadence, Catalog, Dimension, Metric
from kpi_core.phrases import knows
from kpi_core.query import DEFAULT_COMPARISONS, Comparison, Filter, MetricQuery
from kpi_core.questions.parse import build_vocabulary, error_words, parse_question

import long

TODAY = date(2026, 11, 22)
SEOUL = Calendar(timezone="Asia/Seoul", holidays="KR")

# id | English | Korean | Chinese | aliases | cadence | the KPI it is a variant of
KPIS = """
cac | Customer acquisition cost | 고객 획득 비용 | 客戶獲取成本 | CAC, 고객 확보 비용 | monthly |
cac@paid | Customer acquisition cost | 고객 획득 비용 | 客戶獲取成本 | paid CAC | monthly | cac
cpc | Cost per click | 클릭당 비용 | 每次點擊成本 | CPC | daily |
sales_revenue | Sales revenue | 판매 수익 | 銷售收入 | revenue, 매출, 營收 | monthly |
revenue_by_channel | Revenue by channel | 채널별 매출 | 各渠道營收 | | weekly |
revenue_growth_rate | Revenue growth rate | 매출 성장률 | 營收成長率 | YoY | monthly |
website_traffic | Website traffic | 웹사이트 트래픽 | 網站流量 | 트래픽, traffic | daily |
traffic_by_channel | Traffic by channel | 채널별 트래픽 | 各渠道流量 | | weekly |
bounce_rate | Bounce rate | 이탈률(바운스) | 跳出率 | 이탈률 | weekly |
churn_rate | Customer churn rate | 고객 이탈률 | 客戶流失率 | churn, 이탈률 | monthly |
d1_retention | Day 1 retention | 익일 재방문율 | 次日留存率 | D1, retention | daily |
d7_retention | Day 7 retention | 7일차 재방문율 | 第7日留存率 | D7, retention | daily |
leads | Leads | 리드 수 | 潛在客戶數 | | weekly |
sql | Sales qualified leads | 영업 적격 리드 | 銷售合格潛在客戶 | SQL | weekly |
mer | Marketing efficiency ratio | 마케팅 효율 비율 | 行銷效率比 | MER | weekly |
retention_rate | Customer retention rate | 고객 유지 | 客戶保留率 | | monthly |
mrr | Monthly recurring revenue | 월 반복 매출 | 每月經常性收入 | MRR | monthly |
impressions | Impressions | 노출 수 | 曝光次數 | 노출 | daily |
ltv_cac | LTV to CAC ratio | LTV:CAC 비율 | LTV:CAC比 | LTV/CAC | quarterly |
"""
MEMBERS: dict[str, tuple[str | None, ...]] = {
    "channel": ("search", "social", "Display", None),
    "campaign": ("Spring Sale", "Spring Sale 2", "여름 세일", "春節 特賣", 'Summer, "big"'),
}


def metric(line: str) -> Metric:
    metric_id, english, korean, chinese, aliases, cadence, variant_of = (cell.strip() for cell in line.split("|"))
    names = {"en": english, "ko": korean, "zh-TW": chinese}
    cadences: dict[str, Cadence] = {
        "daily": "daily", "weekly": "weekly", "monthly": "monthly", "quarterly": "quarterly",
    }  # fmt: skip
    return Metric(
        id=metric_id,
        names=names,
        aliases=tuple(alias.strip() for alias in aliases.split(",") if alias.strip()),
        description=names,
        type="simple",
        formula="x",
        inputs={},
        unit="count",
        direction="higher",
        stage="all",
        cadence=cadences[cadence],
        indicator="lagging",
        vanity=False,
        audiences=(),
        reading={},
        variant_of=variant_of or None,
    )


def dimension(dimension_id: str, *names: str) -> Dimension:
    return Dimension(dimension_id, dict(zip(LANGUAGES, names, strict=True)))


def members(dimension_id: str) -> Sequence[str | None]:
    return MEMBERS.get(dimension_id, ())


CATALOG = Catalog(
    metrics={found.id: found for found in map(metric, KPIS.strip().splitlines())},
    models={},
    dimensions={
        "channel": Dimension("channel", {"en": "channel", "ko": "채널", "zh-TW": "渠道"}, ("管道",)),
        "campaign": dimension("campaign", "campaign", "캠페인", "行銷活動"),
        "region": dimension("region", "region", "지역", "地區"),
        "ad_group": dimension("ad_group", "ad group", "광고그룹", "廣告群組"),
    },
)
VOCABULARY = build_vocabulary(CATALOG, members)


def ask(text: str) -> MetricQuery:
    return parse_question(text, VOCABULARY, SEOUL, TODAY)


def refused(text: str) -> QuestionError:
    with pytest.raises(QuestionError) as caught:
        ask(text)
    return caught.value


def month(number: int, year: int = 2026) -> Period:
    return Period(date(year, number, 1), date(year + number // 12, number % 12 + 1, 1), "month")


@pytest.mark.parametrize(
    "text",
    [
        "cac last-month by channel",
        "CAC last month by channel",
        "/kpi cac last month by channel",
        "by channel cac last month",
        "last month: CAC per channel?",
        "cac-last-month-by-channel",
        "customer acquisition cost, last month, by channels",
        "what was our customer acquisition cost by channel last month?",
        "고객획득비용 지난달 채널별",
        "고객 획득 비용 지난 달 채널별",
        "지난달 채널별 고객 획득 비용은 얼마야?",
        "지난달 고객획득비용을 채널별로 알려줘",
        "CAC 上個月 依渠道",
        "CAC 上個月 按渠道",
        "上個月 各渠道 客戶獲取成本",
        "請問上個月的客戶獲取成本是多少？依渠道",
        "ＣＡＣ　２０２６－１０　채널별",
        "고객획득비용 上個月 by channel",
    ],
)
def test_one_question_in_many_wordings(text: str) -> None:
    """Order, language, width, hyphens and politeness change nothing."""
    assert ask(text) == MetricQuery("cac", month(10), dimensions=("channel",))


@pytest.mark.parametrize(
    ("text", "metric_id", "dimensions"),
    [
        ("traffic by channel", "website_traffic", ("channel",)),
        ("채널별 트래픽", "website_traffic", ("channel",)),
        ("traffic_by_channel", "traffic_by_channel", ()),
        ("各渠道營收", "sales_revenue", ("channel",)),
        ("website traffic by channel", "website_traffic", ("channel",)),
        ("트래픽 채널별", "website_traffic", ("channel",)),
        ("각 채널 매출", "sales_revenue", ("channel",)),
        ("sql by region", "sql", ("region",)),
        ("leads by channel, region", "leads", ("channel", "region")),
        ("leads by ad group and channel", "leads", ("ad_group", "channel")),
        ("mer by region", "mer", ("region",)),
        ("ltv:cac", "ltv_cac", ()),
        ("ltv_cac", "ltv_cac", ()),
        ("cac@paid", "cac@paid", ()),
        ("paid cac", "cac@paid", ()),
        ("월 반복 매출", "mrr", ()),
        ("monthly recurring revenue", "mrr", ()),
        ("이탈률(바운스)", "bounce_rate", ()),
        ("고객 이탈률", "churn_rate", ()),
        ("7일차 재방문율", "d7_retention", ()),
        ("第7日留存率", "d7_retention", ()),
    ],
)
def test_the_longest_kpi_wins(text: str, metric_id: str | None, dimensions: tuple[str, ...]) -> None:
    """Words that are part of a KPI's name are the KPI."""
    if metric_id is None:
        assert refused(text).code
        return
    query = ask(text)
    assert (query.metric, query.dimensions) == (metric_id, dimensions)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("leads in may", date(2026, 5, 1), date(2026, 6, 1)),
        ("mer march", date(2026, 3, 1), date(2026, 4, 1)),
        ("노출 수요일", date(2026, 11, 18), date(2026, 11, 19)),
        ("d7 last 7 days", date(2026, 11, 15), date(2026, 11, 22)),
        ("d7 q3", date(2026, 7, 1), date(2026, 10, 1)),
        ("客戶獲取成本 q3", date(2026, 7, 1), date(2026, 10, 1)),
        ("고객 유지 지난달", date(2026, 10, 1), date(2026, 11, 1)),
        ("cac 2026-10-01..2026-10-15", date(2026, 10, 1), date(2026, 10, 16)),
        ("매출 10월 1일부터 10월 15일까지", date(2026, 10, 1), date(2026, 10, 16)),
        ("revenue ytd", date(2026, 1, 1), date(2026, 11, 23)),
        ("cpc", date(2026, 11, 21), date(2026, 11, 22)),
        ("leads", date(2026, 11, 9), date(2026, 11, 16)),
        ("cac", date(2026, 10, 1), date(2026, 11, 1)),
        ("ltv:cac", date(2026, 7, 1), date(2026, 10, 1)),
    ],
)
def test_the_period_is_said_or_follows_the_cadence(text: str, start: date, end: date) -> None:
    """Without a period a daily KPI is about yesterday, a weekly one about last week, and so on."""
    period = ask(text).period
    assert (period.start, period.end) == (start, end)


MARCH = Comparison("period", month(3))
ALL_FOUR = (Comparison("previous_period"), Comparison("year_ago"), MARCH, Comparison("goal"))


@pytest.mark.parametrize(
    ("text", "comparisons"),
    [
        ("cac last month", DEFAULT_COMPARISONS),
        ("cac last month vs last year", (Comparison("year_ago"),)),
        ("cac last month compared to a year ago", (Comparison("year_ago"),)),
        ("매출 지난달 전년 대비", (Comparison("year_ago"),)),
        ("매출 지난달 전년 동월 대비", (Comparison("year_ago"),)),
        ("營收 上個月 對比去年", (Comparison("year_ago"),)),
        ("營收 上個月 與去年同期相比", (Comparison("year_ago"),)),
        ("cac last month yoy", (Comparison("year_ago"),)),
        ("cac last month vs previous period", (Comparison("previous_period"),)),
        ("2026년 3월 매출 전월 대비", (Comparison("previous_period"),)),
        ("cac this month vs last month", (Comparison("previous_period"),)),
        ("지난달 대비 이번 달 매출", (Comparison("previous_period"),)),
        ("cac vs 2026-03", (MARCH,)),
        ("cac 3월 대비", (MARCH,)),
        ("cac vs goal", (Comparison("goal"),)),
        ("매출 목표 대비", (Comparison("goal"),)),
        ("營收 對比目標", (Comparison("goal"),)),
        ("cac last month vs last year vs goal", (Comparison("year_ago"), Comparison("goal"))),
        ("cac last month vs last month vs last year vs 2026-03 vs goal", ALL_FOUR),
        ("cac last month vs last month, last year, 2026-03 and goal", ALL_FOUR),
        ("지난달 cac 전월 대비 전년 대비 2026년 3월 대비 목표 대비", ALL_FOUR),
        ("上個月 cac vs 上月 vs 去年 vs 2026年3月 vs 目標", ALL_FOUR),
        ("cac last month vs last year vs last year vs october 2025", (Comparison("year_ago"),)),
        ("cac october vs same weekdays last year", (Comparison("same_weekdays"),)),
        ("10월 cac 동요일 대비", (Comparison("same_weekdays"),)),
        ("10月 cac 對比去年同星期", (Comparison("same_weekdays"),)),
        ("cac february vs same holiday last year", (Comparison("same_holiday"),)),
        ("2월 cac 명절 기준 전년 대비", (Comparison("same_holiday"),)),
        ("2月 cac 與去年同節比較", (Comparison("same_holiday"),)),
        (
            "cac 2026-11-20 vs same day last week",
            (Comparison("period", Period(date(2026, 11, 13), date(2026, 11, 14), "day")),),
        ),
        ("cac last month vs last year and goal", (Comparison("year_ago"), Comparison("goal"))),
        ("cac mtd vs same period last year, weekday aligned", (Comparison("same_weekdays"),)),
        ("매출 10월 1일~15일 전월 대비", (Comparison("period", Period(date(2026, 9, 1), date(2026, 9, 16))),)),
        ("매출 어제 전주 대비", (Comparison("period", Period(date(2026, 11, 14), date(2026, 11, 15), "day")),)),
        (
            "revenue 2026-03-01..2026-03-30 vs month before",
            (Comparison("period", Period(date(2026, 2, 1), date(2026, 3, 1))),),
        ),
        ("매출 최근 7일 전주 대비", (Comparison("previous_period"),)),
        ("revenue last week vs week before", (Comparison("previous_period"),)),
        (
            "revenue last friday vs previous friday",
            (Comparison("period", Period(date(2026, 11, 13), date(2026, 11, 14), "day", every=7)),),
        ),
    ],
)
def test_what_to_compare_with(text: str, comparisons: tuple[Comparison, ...]) -> None:
    """A comparison that is asked for replaces the usual ones."""
    assert ask(text).comparisons == comparisons


@pytest.mark.parametrize(
    ("text", "start", "end", "basis"),
    [
        ("매출 추석 연휴 전년 대비", date(2026, 9, 24), date(2026, 9, 27), "year_ago"),
        ("매출 이번 달 전년 동기 대비", date(2026, 11, 1), date(2026, 12, 1), "year_ago"),
        ("매출 9월 전년 대비", date(2026, 9, 1), date(2026, 10, 1), "year_ago"),
        ("매출 3분기 전년동기대비", date(2026, 7, 1), date(2026, 10, 1), "year_ago"),
        ("매출 10월 1일~15일 전년 대비", date(2026, 10, 1), date(2026, 10, 16), "year_ago"),
        ("營收 第三季 去年同期 相比", date(2026, 7, 1), date(2026, 10, 1), "year_ago"),
        ("매출 전주 대비", date(2026, 11, 9), date(2026, 11, 16), "previous_period"),
        ("이번 주와 지난주 매출 비교", date(2026, 11, 16), date(2026, 11, 23), "previous_period"),
        ("compare cac september and october", date(2026, 10, 1), date(2026, 11, 1), "previous_period"),
        ("compare revenue october with last year", date(2026, 10, 1), date(2026, 11, 1), "year_ago"),
        ("revenue chuseok vs last chuseok", date(2026, 9, 24), date(2026, 9, 27), "year_ago"),
        ("revenue ytd vs ly", date(2026, 1, 1), date(2026, 11, 23), "year_ago"),
        ("revenue last 30 days vs the 30 days before", date(2026, 10, 23), date(2026, 11, 22), "previous_period"),
        ("지난 분기 대비 매출", date(2026, 10, 1), date(2027, 1, 1), "previous_period"),
        ("revenue vs last week", date(2026, 11, 16), date(2026, 11, 23), "previous_period"),
        ("營收 與上一季相比", date(2026, 10, 1), date(2027, 1, 1), "previous_period"),
    ],
)
def test_what_is_compared_with_is_no_part_of_the_period(text: str, start: date, end: date, basis: str) -> None:
    """A year or unit before 대비 is the basis alone; without a period the unit after the basis is asked for."""
    query = ask(text)
    assert (query.period.start, query.period.end) == (start, end)
    assert [comparison.basis for comparison in query.comparisons] == [basis]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("revenue in september and october", date(2026, 9, 1), date(2026, 11, 1)),
        ("매출 9월과 10월", date(2026, 9, 1), date(2026, 11, 1)),
        ("營收 9月和10月", date(2026, 9, 1), date(2026, 11, 1)),
        ("revenue from last month", date(2026, 10, 1), date(2026, 11, 1)),
        ("revenue same day last week", date(2026, 11, 15), date(2026, 11, 16)),
        ("최근 2주 일별 매출", date(2026, 11, 2), date(2026, 11, 16)),
        ("매출 11월 22일 일별", date(2026, 11, 22), date(2026, 11, 23)),
    ],
)
def test_periods_stand_in_whole_questions(text: str, start: date, end: date) -> None:
    """Two units in a row are one period; what follows a period does not change it."""
    period = ask(text).period
    assert (period.start, period.end) == (start, end)


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("cac where channel=search,social", (Filter("channel", ("search", "social")),)),
        ("cac in channel=search", (Filter("channel", ("search",)),)),
        ("cac where channel is SEARCH last month", (Filter("channel", ("search",)),)),
        ("cac 채널=search 지난달", (Filter("channel", ("search",)),)),
        ("cac 渠道＝search", (Filter("channel", ("search",)),)),
        ("cac channel = display", (Filter("channel", ("Display",)),)),
        ('cac campaign="Spring Sale" last month', (Filter("campaign", ("Spring Sale",)),)),
        ("cac campaign='spring sale'", (Filter("campaign", ("Spring Sale",)),)),
        ('cac campaign="Summer, "big"" last month', (Filter("campaign", ('Summer, "big"',)),)),
        ("cac campaign=“spring sale 2”", (Filter("campaign", ("Spring Sale 2",)),)),
        ("cac campaign=spring sale last month", (Filter("campaign", ("Spring Sale",)),)),
        ("cac 캠페인=여름 세일 지난달", (Filter("campaign", ("여름 세일",)),)),
        ("cac campaign=春節特賣 last month", (Filter("campaign", ("春節 特賣",)),)),
        ("cac channel=(none)", (Filter("channel", (None,)),)),
        ("cac region=Busan", (Filter("region", ("Busan",)),)),
        (
            "cac channel=search and campaign=spring sale",
            (Filter("channel", ("search",)), Filter("campaign", ("Spring Sale",))),
        ),
        ("cac channel=search channel=social", (Filter("channel", ("search", "social")),)),
        (
            "cac channel=search, campaign=spring sale",
            (Filter("channel", ("search",)), Filter("campaign", ("Spring Sale",))),
        ),
        ("cac channel!=search,social", (Filter("channel", ("search", "social"), excludes=True),)),
        ("cac where channel <> search", (Filter("channel", ("search",), excludes=True),)),
        ("cac where channel is not SEARCH last month", (Filter("channel", ("search",), excludes=True),)),
        ("cac where channel isn't search", (Filter("channel", ("search",), excludes=True),)),
        ("cac 채널≠search 지난달", (Filter("channel", ("search",), excludes=True),)),
        (
            "cac channel=search campaign!=spring sale",
            (Filter("channel", ("search",)), Filter("campaign", ("Spring Sale",), excludes=True)),
        ),
    ],
)
def test_filters_name_values_as_the_data_writes_them(text: str, filters: tuple[Filter, ...]) -> None:
    """Values match whatever their case, with or without quotes; a dimension without data takes any value."""
    query = ask(text)
    assert (query.metric, query.filters) == ("cac", filters)


@pytest.mark.parametrize(
    ("text", "top", "grain"),
    [
        ("revenue by campaign top 5", 5, None),
        ("매출 캠페인별 상위 5개", 5, None),
        ("營收 依行銷活動 前5名", 5, None),
        ("revenue by campaign top ten", 10, None),
        ("revenue daily", None, "day"),
        ("매출 일별", None, "day"),
        ("營收 每週", None, "week"),
        ("revenue by month", None, "month"),
        ("매출 월별 채널별 상위 3", 3, "month"),
    ],
)
def test_rank_and_grain(text: str, top: int | None, grain: str | None) -> None:
    """`top N` keeps the greatest, a grain cuts the trend."""
    query = ask(text)
    assert (query.metric, query.top, query.grain) == ("sales_revenue", top, grain)


@pytest.mark.parametrize(
    ("text", "code", "suggestion"),
    [
        ("cacc last-month", "unknown_kpi", "cac last-month"),
        ("vebsite trafic yesterday", "unknown_kpi", "website_traffic yesterday"),
        ("cac lst month", "unknown_period", "cac last month"),
        ("cac last month by shanel", "unknown_dimension", "cac last month by channel"),
        ("cac where chanel=search", "unknown_dimension", "cac where channel=search"),
        ("cac where channel=serch last month", "unknown_value", "cac where channel=search last month"),
        ("이탈률 지난달", "ambiguous", "고객 이탈률 지난달"),
        ("retention last week", "ambiguous", "Day 7 retention last week"),
        ("cac last month this month", "too_much", "cac last month"),
        ("cac cpc last month", "too_much", "cac last month"),
        ("last month by channel", "missing_kpi", "cac last month by channel"),
        ("sales last month", "unknown_kpi", "sales_revenue last month"),
        ("revenue growth last month", "unknown_kpi", "revenue_growth_rate last month"),
        ("cost per clik last week", "unknown_kpi", "Cost per click last week"),
        ("cac in channel zearch last month", "unknown_value", "cac in channel=search last month"),
        ("revenue october and december 2025", "too_much", "revenue december 2025"),
        ("cac october and month to date", "too_much", "cac october"),
    ],
)
def test_a_suggestion_is_a_whole_question_that_works(text: str, code: str, suggestion: str) -> None:
    """What cannot be answered comes back with whole questions, and each of them can be asked."""
    error = refused(text)
    assert error.code == code
    assert suggestion in error.suggestions
    assert error.hint
    for question in error.suggestions:
        assert ask(question).metric


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty_question"),
        ("  ?! ", "empty_question"),
        ("📈", "empty_question"),
        ("xyzzy", "unknown_kpi"),
        ("cac xyzzy", "unknown_word"),
        ("cac where planet=mars", "unknown_dimension"),
        ("cac =", "unknown_dimension"),
        ("cac channel=", "unknown_value"),
        ("cac channel!=", "unknown_value"),
        ("cac channel>=search", "unknown_value"),
        ("cac where planet!=mars", "unknown_dimension"),
        ("cac 5000", "unknown_word"),
        ("cac 제일 좋은", "unknown_word"),
        ("cac 월등한", "unknown_word"),
        ("cac 月亮", "unknown_word"),
        ("cac 昨天日記", "unknown_word"),
        ("cac not last month", "unknown_word"),
        ("cac 13월 45일", "unknown_period"),
        ("cac 2026-13-40", "unknown_period"),
        ("cac " * 200, "too_long"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(text: str, code: str) -> None:
    """Each kind of trouble has its code."""
    assert refused(text).code == code


@pytest.mark.parametrize("text", [
    "hi", "Hello there!", "thanks", "who are you?", "what can you do", "good morning", "help", "안녕하세요", "고마워요!", "수고하셨습니다",
    "도움말", "謝謝你", "你好", "早安～", "你是誰？", "哈哈哈",
])  # fmt: skip
def test_small_talk_gets_help(text: str) -> None:
    """A greeting, thanks or a call for help is answered with questions that can be asked, in its language."""
    error = refused(text)
    assert error.code == "help"
    assert error.suggestions
    for question in error.suggestions:
        assert ask(question).metric == "cac"


def test_a_greeting_before_a_question_is_passed_over() -> None:
    """Good manners change no answer."""
    assert ask("hi, cac last month please, thanks") == ask("cac last month")


@pytest.mark.parametrize("text", [
    "cac mate", "cac last month mate", "cacc chanel", "cac 지난달 채널벌", "cac last month by chanel where chanel=search", "cac lst moth",
    "refeneu by shanel", "cac last month by region wide", "營收 上個越", "매출 지난달 채널뱔", "hi cacc", "revenue mate growth",
])  # fmt: skip
def test_no_suggestion_fails(text: str) -> None:
    """What is offered has been read before: each is answered, no two of them alike."""
    error = refused(text)
    queries = [ask(question) for question in error.suggestions]
    assert len(set(queries)) == len(queries)


def test_an_unknown_kpi_is_named_with_its_neighbours() -> None:
    """The message names the word as it was typed, the hint the KPIs that look like it."""
    error = refused("Cacc last-month")
    assert error.message == "No KPI called “Cacc”."
    assert error.hint.startswith("Did you mean CAC (customer acquisition cost)")


@pytest.mark.parametrize(
    "text", ["cacc", "xyzzy", "cac xyzzy", "cac by shanel", "cac channel=serch", "이탈률", "", "last month", "cac cpc"]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_errors_are_said_in_the_readers_language(text: str, language: str) -> None:
    """Message and hint exist in each language; English is what the error itself says."""
    error = refused(text)
    message, hint = error_words(error, language)
    assert knows(f"error.{error.code}")
    assert message
    assert hint
    assert "{" not in message + hint
    assert ((message, hint) == (error.message, error.hint)) == (language == "en")


def test_choices_are_named_in_the_readers_language() -> None:
    """A Korean reader is offered Korean names."""
    assert "고객 획득 비용" in error_words(refused("cacc"), "ko")[1]


def test_the_question_is_kept_as_typed() -> None:
    """An answer can quote the question; two wordings are equal all the same."""
    assert ask(" CAC  last month ").question == "CAC  last month"
    assert ask("cac last-month") == ask("CAC 지난달")


WORDS = [
    "cac", "매출", "이탈률", "last month", "지난달", "上個月", "vs", "대비", "last year", "by", "channel", "채널별", "where", "channel=",
    "search", "top 5", "=", ",", '"', "daily", "goal", "2026-10", "..", "q3", "of", "는", "한", "per", "xyz", "(", "📈", "ﬀ", "İ",
]  # fmt: skip


@given(st.text(max_size=700) | st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join))
def test_any_text_is_answered_or_refused(text: str) -> None:
    """Any text gives a query or a QuestionError, the same each time."""
    try:
        query = ask(text)
    except QuestionError:
        assert refused(text).to_json() == refused(text).to_json()
        return
    assert query.metric in CATALOG.metrics
    assert ask(text) == query


@long.examples("questions in any order of words", 30, 6_000)
@given(
    st.sampled_from(["cac", "고객 획득 비용", "客戶獲取成本", "Leads"]),
    st.sampled_from(["last month", "지난 달", "上個月", "2026-10", "Q3 2025"]),
    st.sampled_from(["by channel", "채널별", "依渠道"]),
    st.sampled_from([" ", "  ", " - ", "-", "_", "\u3000"]),
    st.randoms(use_true_random=False),
)
def test_variants_of_a_wording_are_one_question(kpi: str, period: str, split: str, gap: str, random: Random) -> None:
    """Order, case and gaps never change what is asked."""
    parts = [kpi, period, split]
    asked = ask(" ".join(parts))
    random.shuffle(parts)
    assert ask(" ".join(parts)) == asked
    assert ask(" ".join(parts).upper()) == asked
    assert ask(" ".join(parts).replace(" ", gap.strip() or gap)) == asked


def test_no_text_is_slow() -> None:
    """The longest and oddest questions are refused at once: by processor time, for others may keep the machine busy."""
    ask("cac")
    began = process_time()
    for text in ("a" * 5000, "매" * 500, "last " * 100, "1" * 500, "=" * 500, "channel=" * 60, "~" * 500, "📈" * 5000):
        refused(text)
    assert process_time() - began < 5


@pytest.mark.parametrize(
    ("words", "grain"),
    [("half-yearly", "half"), ("반기별", "half"), ("每半年", "half"), ("yearly", "year"), ("연도별", "year"), ("每年", "year"),
     ("quarterly", "quarter"), ("분기별", "quarter"), ("每季", "quarter"), ("daily", "day"), ("일별", "day"), ("每日", "day")],
)  # fmt: skip
def test_a_trend_may_have_any_grain(words: str, grain: str) -> None:
    """Daily to yearly, in three languages."""
    assert ask(f"cac last year {words}").grain == grain
