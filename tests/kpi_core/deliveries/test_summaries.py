"""What a team hears each week."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from answer_examples import CAC, CATALOG, CONVERSION, PAID, REVENUE, SPEND, answer, change

from bot.cards.summary import summary_words
from bot.terminal.card import terminal_summary
from kpi_core.answers import Answer, BreakdownRow, Freshness, GoalState, GoalStatus, HealthNote, Verdict
from kpi_core.catalog import load_catalog
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period
from kpi_core.deliveries.summaries import Summary, audience_kpis, compose_summary, summary_period, summary_queries
from kpi_core.formats.findings import finding_text
from kpi_core.formats.summary_json import summary_json
from kpi_core.health.facts import Finding
from kpi_core.metrics import LANGUAGES, Metric
from kpi_core.phrases import Notice
from kpi_core.query import Filter, MetricQuery
from kpi_core.settings.values import Goal, Settings, SheetSync
from kpi_core.settings.values import Summary as Asked

from golden import matches_golden

DAY = date(2026, 11, 23)
WEEK = Period(date(2026, 11, 16), date(2026, 11, 23), "week")
BEFORE = Period(date(2026, 11, 9), date(2026, 11, 16), "week")
NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1), "month")
BY = date(2026, 12, 31)
SUNDAY = date(2026, 11, 22)
WEEKLY = Asked("weekly", "C1")
SETTINGS = Settings(
    company="Hanok Goods",
    calendar=Calendar("Asia/Seoul"),
    locale="ko",
    currency="KRW",
    warehouse="duckdb:///kpi.duckdb",
    state="sqlite:///state.db",
    folder=Path(),
    audiences={"manager": ("sales_revenue", "cac", "conversion_rate", "ad_spend")},
    sheets=(SheetSync("1abc", ("overview",)),),
)
SEARCH = (Filter("channel", ("search",)),)


def line(
    metric: Metric,
    value: float | None,
    before: float,
    verdict: Verdict | None,
    status: GoalStatus | None = None,
    filters: tuple[Filter, ...] = (),
    through: date = SUNDAY,
) -> Answer:
    goal = GoalState(40_000.0, BY, status, None, "Jun", period=WEEK, value=value, complete=True) if status else None
    compared = change("previous_period", BEFORE, before, value, verdict, WEEK)
    return answer(
        metric,
        WEEK,
        query=MetricQuery(metric.id, WEEK, filters=filters),
        value=value,
        currency="KRW",
        comparisons=(compared,),
        goal=goal,
        freshness=Freshness(through, stale=False),
        warnings=() if value is not None else (Notice("warning.table_empty", {"table": "orders"}),),
    )


def named(number: int) -> Metric:
    return replace(REVENUE, id=f"kpi{number}", names={"en": f"KPI {number}"})


def compose(answers: Sequence[Answer], asked: Asked = WEEKLY, settings: Settings = SETTINGS) -> Summary:
    return compose_summary(asked, answers, settings, DAY)


def order(answers: Sequence[Answer]) -> list[str]:
    return [each.metric.id for each in compose(answers).lines]


# What it is about ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("every", "day", "start", "end"),
    [
        ("monday 09:00", DAY, "2026-11-16", "2026-11-23"),
        ("friday 17:00", date(2026, 11, 27), "2026-11-16", "2026-11-23"),
        ("0 9 * * 1", DAY, "2026-11-16", "2026-11-23"),
        ("day 07:00", DAY, "2026-11-22", "2026-11-23"),
        ("weekdays 08:30", DAY, "2026-11-22", "2026-11-23"),
        ("month 1 09:00", date(2026, 12, 1), "2026-11-01", "2026-12-01"),
        ("month 31 09:00", date(2026, 11, 30), "2026-10-01", "2026-11-01"),
        ("0 9 1 1,4,7,10 *", date(2026, 10, 1), "2026-07-01", "2026-10-01"),
    ],
)
def test_the_period_follows_the_schedule(every: str, day: date, start: str, end: str) -> None:
    """A summary is about the last whole week, month, quarter or day, as its schedule turns."""
    period = summary_period(every, day, Calendar())
    assert (period.start.isoformat(), period.end.isoformat()) == (start, end)


def test_weeks_that_start_on_sunday() -> None:
    """The last whole week is the workspace's own."""
    period = summary_period("monday 09:00", DAY, Calendar(week_start="sunday"))
    assert (period.start, period.end) == (date(2026, 11, 15), date(2026, 11, 22))


def asked_for(goals: Sequence[Goal], audience: str = "manager", settings: Settings = SETTINGS) -> list[MetricQuery]:
    return summary_queries(replace(WEEKLY, audience=audience), settings, CATALOG, goals, DAY)


def test_each_kpi_is_asked_once() -> None:
    """Without goals there is one query a KPI, for the whole week, in the order of kpi.yaml."""
    queries = asked_for([])
    assert [query.metric for query in queries] == ["sales_revenue", "cac", "conversion_rate", "ad_spend"]
    assert {query.period for query in queries} == {WEEK}


def test_a_goal_on_a_segment_asks_for_the_segment() -> None:
    """A goal on a segment has a line of its own, but executives see no channels; a goal that is over has none."""
    goals = [Goal("cac", 30.0, BY, where={"channel": "search"}), Goal("cac", 30.0, SUNDAY, where={"channel": "tv"})]
    over = Goal("cac", 30.0, date(2026, 11, 15), where={"channel": "radio"})
    asked = [query for query in asked_for([*goals, over]) if query.period == WEEK]
    filters = [query.filters for query in asked if query.metric == "cac"]
    assert filters == [(), SEARCH, (Filter("channel", ("tv",)),)]
    settings = replace(SETTINGS, audiences={"exec": ("cac",)})
    assert {query.filters for query in asked_for(goals, "exec", settings)} == {()}


def test_specialists_see_campaigns() -> None:
    """For specialists the first rate, else the first sum, that has a good end and campaigns is split by campaign."""
    settings = replace(SETTINGS, audiences={"specialist": ("ad_spend", "conversion_rate", "cac", "sales_revenue")})
    split = [query for query in asked_for([], "specialist", settings) if query.dimensions]
    assert split == [MetricQuery("sales_revenue", WEEK, dimensions=("campaign",), whole=True)]
    aov = replace(REVENUE, id="aov", formula="revenue / orders", type="ratio")
    catalog = replace(CATALOG, metrics={"sales_revenue": REVENUE, "aov": aov})
    settings = replace(SETTINGS, audiences={"specialist": ("sales_revenue", "aov")})
    queries = summary_queries(replace(WEEKLY, audience="specialist"), settings, catalog, [], DAY)
    assert queries[-1] == MetricQuery("aov", WEEK, dimensions=("campaign",), whole=True)


def test_a_kpi_made_of_kpis_is_split_by_what_all_their_tables_have() -> None:
    """The lifetime value is made of other KPIs and of a number of kpi.yaml; its campaigns are shown all the same."""
    settings = replace(SETTINGS, audiences={"specialist": ("ltv",)})
    queries = summary_queries(replace(WEEKLY, audience="specialist"), settings, load_catalog(), [], DAY)
    assert queries[-1] == MetricQuery("ltv", WEEK, dimensions=("campaign",), whole=True)


def test_unknown_kpis_are_left_out() -> None:
    """A KPI that the catalogue does not know is not asked for."""
    assert asked_for([], "manager", replace(SETTINGS, audiences={"manager": ("nonsense",)})) == []


def test_default_kpis() -> None:
    """Without audiences in kpi.yaml: available KPIs of the audience, no vanity; goals, headlines, then each stage."""
    made = [
        replace(REVENUE, id="a_vanity", vanity=True),
        replace(REVENUE, id="b_slow", cadence="quarterly", stage="awareness"),
        replace(REVENUE, id="c_first", cadence="weekly", stage="awareness"),
        replace(REVENUE, id="d_second", cadence="weekly", stage="awareness"),
        replace(REVENUE, id="e_loyal", cadence="daily", stage="loyalty"),
        replace(REVENUE, id="f_absent", cadence="daily", stage="loyalty"),
        replace(REVENUE, id="g_experts", audiences=("specialist",)),
        replace(REVENUE, id="h_goal", cadence="quarterly"),
        REVENUE,
        CAC,
    ]
    catalog = replace(CATALOG, metrics={metric.id: metric for metric in made})
    goals = [Goal("h_goal", 1.0, BY)]
    kpis = audience_kpis("manager", replace(SETTINGS, audiences={}), catalog, goals, "week", ["f_absent"])
    assert kpis == ("h_goal", "sales_revenue", "cac", "c_first", "e_loyal", "d_second", "b_slow")


# What it says -------------------------------------------------------------------------------------------------------


def test_goals_first_then_the_worst_news() -> None:
    """Lines with goals come first, the endangered before the safe; then worse, better, neutral and unmoved."""
    answers = [
        line(named(1), 100.0, 100.0, "same"),
        line(named(2), 110.0, 100.0, "better"),
        line(named(3), 90.0, 100.0, "worse"),
        line(named(4), 50.0, 100.0, "worse"),
        line(named(5), 100.0, 90.0, "better", "met"),
        line(named(6), 100.0, 99.0, "better", "off_track"),
        line(SPEND, 100.0, 10.0, "neutral"),
    ]
    assert order(answers) == ["kpi6", "kpi5", "kpi4", "kpi3", "kpi2", "ad_spend", "kpi1"]


def test_equals_keep_the_order_of_the_team() -> None:
    """KPIs with equal news stay in the order of kpi.yaml."""
    answers = [line(named(number), 100.0, 100.0, "same") for number in (3, 1, 2)]
    assert order(answers) == ["kpi3", "kpi1", "kpi2"]


def test_seven_lines() -> None:
    """At most seven lines are shown, and the rest is counted."""
    summary = compose([line(named(number), 100.0, 100.0, "same") for number in range(10)])
    assert (len(summary.lines), summary.more) == (7, 3)


def test_the_tally_counts_goals() -> None:
    """Goals are counted by how they stand: met counts as on track; lines without a goal do not count."""
    statuses: list[GoalStatus | None] = ["met", "on_track", "at_risk", "off_track", "open", "open", None]
    answers = [line(named(n), 100.0, 100.0, "same", status) for n, status in enumerate(statuses)]
    tally = compose(answers).tally
    assert (tally.on_track, tally.at_risk, tally.off_track, tally.running) == (2, 1, 1, 2)


def test_a_bill_that_fell_into_the_week_is_no_headline() -> None:
    """CAC of a week is lumpy: however it moved, it is neither the worst news nor charted for it."""
    lumpy = line(CAC, 60_000.0, 40_000.0, "worse")
    lumpy = replace(lumpy, warnings=(Notice("warning.lumpy_costs"),))
    summary = compose([lumpy, line(REVENUE, 90.0, 100.0, "worse")])
    assert summary.worst is not None
    assert summary.worst.metric is REVENUE


@pytest.mark.parametrize(
    ("status", "value", "words"),
    [
        ("open", 38.2, "goal ₩40: November 2026 so far ₩38, running"),
        ("at_risk", 43.0, "goal ₩40: November 2026 so far ₩43, at risk"),
        ("open", None, "goal ₩40: November 2026 so far, running"),
    ],
)
def test_a_monthly_goal_is_told_with_what_it_was_measured_over(
    status: GoalStatus, value: float | None, words: str
) -> None:
    """The goal of a monthly KPI stands by its month so far, whatever the week was."""
    goal = GoalState(40.0, BY, status, None, period=NOVEMBER, value=value, complete=False)
    summary = compose([replace(line(CAC, 60.0, 40.0, "worse"), goal=goal)])
    assert summary_words(summary, "en").lines[0][1].endswith(words)


@pytest.mark.parametrize(
    ("status", "value", "words"),
    [
        ("open", 2.49e8, "November 2026 goal ₩300M: 83% reached"),
        ("met", 3.3e8, "November 2026 goal ₩300M: 110% reached"),
        ("off_track", 2.49e8, "goal ₩300M: November 2026 so far ₩249M, off track"),
    ],
)
def test_a_months_sum_is_told_by_how_much_of_it_is_there(status: GoalStatus, value: float, words: str) -> None:
    """In a week's summary: a share of the target, also beyond it, until the month has failed it."""
    goal = GoalState(3e8, BY, status, None, per="month", period=NOVEMBER, value=value, complete=False)
    summary = compose([replace(line(REVENUE, 81_500_000.0, 76_800_000.0, "better"), goal=goal)])
    assert words in summary_words(summary, "en").lines[0][1]


def test_movers_chart_and_action() -> None:
    """The biggest worse move needs eyes: it is charted, and its playbook is the agreed action, with its owner."""
    answers = [
        line(CONVERSION, 0.03, 0.031, "worse"),
        line(CAC, 60_000.0, 40_000.0, "worse", "off_track"),
        line(REVENUE, 110.0, 100.0, "better"),
    ]
    summary = compose(answers)
    assert summary.worst is not None
    assert summary.best is not None
    assert summary.chart is not None
    assert (summary.worst.metric.id, summary.best.metric.id, summary.chart.metric.id) == ("cac", "sales_revenue", "cac")
    assert [(action.metric.id, action.owner) for action in summary.actions] == [("cac", "Jun")]
    assert compose(answers, replace(WEEKLY, audience="exec")).actions == ()


def test_a_missed_goal_needs_eyes_without_a_move() -> None:
    """Where nothing got worse, a missed goal is charted and acted on; where all is well, nothing is acted on."""
    summary = compose([line(REVENUE, 110.0, 100.0, "better"), line(CAC, 41_000.0, 41_000.0, "same", "off_track")])
    assert summary.worst is None
    assert [action.metric.id for action in summary.actions] == ["cac"]
    well = compose([line(REVENUE, 110.0, 100.0, "better")])
    assert (well.actions, well.chart) == ((), well.lines[0].answer)


def test_missing_and_late() -> None:
    """A KPI without a value is named with its reason, and data that ends early is told by the day it ends."""
    answers = [
        line(REVENUE, 110.0, 100.0, "better"),
        line(CAC, 41_000.0, 41_000.0, "same", through=date(2026, 11, 20)),
        line(CONVERSION, 0.03, 0.03, "same", through=date(2026, 11, 20)),
        line(SPEND, None, 100.0, "neutral"),
    ]
    summary = compose(answers)
    assert [(each.metric.id, each.reason) for each in summary.missing] == [
        ("ad_spend", Notice("warning.table_empty", {"table": "orders"}))
    ]
    assert [([metric.id for metric in late.metrics], late.through) for late in summary.late] == [
        (["cac", "conversion_rate"], date(2026, 11, 20))
    ]
    assert summary.data_through == date(2026, 11, 20)


def test_both_ends() -> None:
    """The best and the worst three groups are told, by the KPI's direction; nameless and folded groups are not."""
    rows = [("a", 1.0), ("b", 2.0), ("c", 3.0), ("d", 4.0), ("e", 5.0), (None, 0.5), ("f", None)]
    found = tuple(BreakdownRow((key,), value, {}, ()) for key, value in rows)
    folded = BreakdownRow(("other",), 99.0, {}, (), folded=9)
    query = MetricQuery("cac", WEEK, dimensions=("campaign",))
    split = answer(CAC, WEEK, query=query, value=3.0, breakdown=(*found, folded))
    extremes = compose([split]).extremes
    assert extremes is not None
    assert [row.keys[0] for row in extremes.best] == ["a", "b"]
    assert [row.keys[0] for row in extremes.worst] == ["e", "d"]


def test_nothing_at_all() -> None:
    """A summary without any value is still a summary, which says what is missing and how far its data goes."""
    summary = compose([line(REVENUE, None, 100.0, "better")])
    assert (summary.lines, summary.chart, summary.data_through) == ((), None, None)
    assert [(each.metric.id, each.through) for each in summary.missing] == [("sales_revenue", SUNDAY)]
    assert json.loads(json.dumps(summary_json(summary, "en")))["lines"] == []


# How it reads -------------------------------------------------------------------------------------------------------


def weekly() -> Summary:
    """A manager's week with a bit of everything."""
    month_goal = GoalState(3e8, BY, "open", -5.1e7, per="month", period=NOVEMBER, value=2.49e8, complete=False)
    answers = [
        replace(line(REVENUE, 81_500_000.0, 76_800_000.0, "better"), goal=month_goal),
        line(CAC, 41_300.0, 39_147.0, "worse", "off_track"),
        line(CAC, 33_200.0, 33_300.0, "same", "met", SEARCH),
        line(CONVERSION, 0.0355, 0.0314, "better", through=date(2026, 11, 20)),
        line(SPEND, 12_381_234.0, 12_330_000.0, "neutral"),
        line(PAID, None, 1.0, "worse"),
    ]
    since = datetime(2026, 11, 9, 9, 0, tzinfo=ZoneInfo("Asia/Seoul"))
    return compose_summary(WEEKLY, answers, SETTINGS, DAY, since)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_week_in_words(language: str) -> None:
    """A manager's week reads like this in each language."""
    matches_golden(f"summaries/weekly.{language}.txt", terminal_summary(weekly(), language) + "\n")


def test_a_week_as_json() -> None:
    """The JSON says everything with full precision."""
    found = json.loads(json.dumps(summary_json(weekly(), "en")))
    matches_golden("summaries/weekly.json", json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    assert (found["name"], found["week"], found["worst"], found["sheet"]) == (
        "weekly",
        47,
        "cac",
        "https://docs.google.com/spreadsheets/d/1abc",
    )


# The data behind it -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "word"), [("en", "data incomplete"), ("ko", "데이터 일부 누락"), ("zh-TW", "資料不完整")]
)
def test_what_the_data_lacks_is_said_once(language: str, word: str) -> None:
    """Two lines without the agency's bill both say that their data is incomplete; the sentence stands once below."""
    bill = Finding("not_entered", "books", "costs", "category", "agency", (date(2026, 10, 1), date.max))
    lines = [line(CAC, 10.3, 110.0, None), line(SPEND, 620.0, 600.0, "same")]
    summary = compose([replace(each, health=(HealthNote(bill, "period", incomplete=True),)) for each in lines])
    words = summary_words(summary, language)
    assert [rest.count(word) for _head, rest in words.lines] == [1, 1]
    assert sum(finding_text(bill, language) in sentence for sentence in words.data) == 1
    assert [note["code"] for note in summary_json(summary, language)["health"]] == ["not_entered"]


def test_what_only_the_course_rests_on_stays_out() -> None:
    """A day that lacked rows last spring is not said beside this week's number."""
    spring = Finding("days_missing", "shop", "orders", days=(date(2026, 4, 1), date(2026, 4, 3)))
    noted = replace(line(REVENUE, 240.0, 226.0, "better"), health=(HealthNote(spring, "trend", incomplete=True),))
    summary = compose([noted])
    assert summary.health == ()
    assert "incomplete" not in " ".join(" ".join(words) for words in summary_words(summary, "en").lines)
