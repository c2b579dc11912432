"""The answer card: what stands where, in three languages, within Slack's limits."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from answer_examples import (
    CAC_BY_CHANNEL,
    CAC_OCTOBER,
    CATALOG,
    CONVERSION,
    CONVERSION_OCTOBER,
    EXAMPLES,
    HOSTILE,
    NOVEMBER,
    OCTOBER,
    REVENUE_BY_CAMPAIGN,
    months_until,
)
from drawn_card import drawn, matches_card
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.answer import Around, answer_card
from bot.cards.backdrop import benchmark_line, course_line
from bot.cards.blocks import escaped
from bot.cards.card import Card, plainer
from bot.cards.chart import trend_chart
from bot.cards.onward.choices import compare_card, exact_card
from bot.sandbox.slack.block_rules.problems import problems
from kpi_core.answers import Answer, BreakdownRow, TrendPoint
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period
from kpi_core.metrics import LANGUAGES, Benchmark
from kpi_core.phrases import Notice
from kpi_core.query import Filter, MetricQuery


def block(card: Card, kind: str) -> dict[str, object]:
    return next(each for each in card.blocks if each["type"] == kind)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_answer_reads_as_reviewed(name: str, language: str) -> None:
    """What an answer looks like in Slack changes only when somebody has looked at it."""
    card = answer_card(EXAMPLES[name], language, CATALOG)
    assert problems(card.blocks) == []
    matches_card(f"{name}.{language}", card)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_menu_leads_to_reads_as_reviewed(language: str) -> None:
    """The amounts to the last digit, and what an answer may be held against."""
    cards = {
        "exact": exact_card(EXAMPLES["cac"], language, CATALOG),
        "exact_no_data": exact_card(EXAMPLES["no_data"], language, CATALOG),
        "compare": compare_card(EXAMPLES["cac"], language, Calendar(), CATALOG),
        "compare_part": compare_card(EXAMPLES["without_social"], language, Calendar(), CATALOG),
    }
    for name, card in cards.items():
        assert problems(card.blocks) == []
        matches_card(f"{name}.{language}", card)


def campaigns(names: list[str]) -> Answer:
    rows = tuple(BreakdownRow((name,), 1.0, {"revenue": 1.0}, ()) for name in names)
    return replace(REVENUE_BY_CAMPAIGN, breakdown=rows)


@pytest.mark.parametrize("count", [1, 99, 100, 101, 2000])
def test_a_table_of_any_length_fits_slack(count: int) -> None:
    """A long breakdown is cut with a word on it; the total is always its last row."""
    card = answer_card(campaigns([f"campaign {number} " + "x" * 150 for number in range(count)]), "en")
    assert problems(card.blocks) == []
    rows = block(card, "data_table")["rows"]
    assert rows[-1][0]["text"] == "Total"  # type: ignore[index]
    shown = len(rows) - 2  # type: ignore[arg-type]
    assert (f"{shown} of {count} rows shown." in json.dumps(card.blocks)) == (shown < count)


def test_names_from_data_reach_nobody() -> None:
    """A campaign named like a mention or a link is shown, letter by letter, and pings nobody."""
    card = answer_card(REVENUE_BY_CAMPAIGN, "en", CATALOG)
    assert HOSTILE not in card.text
    assert "&lt;!channel&gt;" in card.text
    for each in card.blocks:
        text = each.get("text") or {}
        assert text.get("type") != "mrkdwn" or "<!" not in text["text"]


@given(st.lists(st.text(max_size=300), min_size=1, max_size=30), st.sampled_from(LANGUAGES))
def test_any_name_makes_a_valid_card(names: list[str], language: str) -> None:
    """Whatever people call their campaigns, Slack takes the card and every plainer form of it."""
    card: Card | None = answer_card(campaigns(names), language)
    while card is not None:
        assert card.text
        assert len(card.text) <= 3000
        assert problems(card.blocks) == []
        card = plainer(card)


def test_a_card_gets_plainer_step_by_step() -> None:
    """A workspace without charts keeps their points as rows, one without tables as lines, without blocks the text."""
    chart = answer_card(CAC_OCTOBER, "en")
    table = answer_card(CAC_BY_CHANNEL, "en")
    kinds = [[each["type"] for each in card.blocks] for card in steps(chart)]
    assert kinds == [
        ["context", "header", "section", "section", "data_visualization", "context", "actions"],
        ["context", "header", "section", "section", "table", "context", "actions"],
        ["context", "header", "section", "section", "section", "context", "actions"],
        [],
    ]
    forms = [[each["type"] for each in card.blocks if "table" in each["type"]] for card in steps(table)]
    assert forms == [["data_table"], ["table"], [], []]
    assert "display · $61.40" in json.dumps(steps(table)[2].blocks, ensure_ascii=False)


def test_the_total_survives_in_every_form() -> None:
    """However long the table and however plain the card, its total stands last."""
    card = answer_card(campaigns([f"campaign {number}" for number in range(500)]), "en")
    table, lines = steps(card)[1], steps(card)[2]
    assert block(table, "table")["rows"][-1][0]["text"] == "Total"  # type: ignore[index]
    text = next(each["text"]["text"] for each in lines.blocks if "… +" in str(each))
    assert text.split("\n")[-1].startswith("Total · ₩243,100,000")
    assert text.split("\n")[-2] == "… +88"
    assert text.count("\n") == 12


def steps(card: Card) -> list[Card]:
    found = [card]
    while (following := plainer(found[-1])) is not None:
        found.append(following)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_text_alone_says_what_the_card_says(name: str, language: str) -> None:
    """Whoever reads the notification alone, or hears it, gets every sentence of the card, and the ends of its chart."""
    around = Around({"U012MINA1": "Mina Kim"}, shared_by="Jun")
    card = answer_card(EXAMPLES[name], language, CATALOG, around)
    spoken = [
        each["text"]
        for part in card.blocks
        if part["type"] in {"header", "section", "context"}
        for each in texts_of(part)
    ]
    assert [line for text in spoken for line in text.split("\n") if escaped(line) not in card.text] == []
    charts = [part for part in card.blocks if part["type"] == "data_visualization"]
    for labels in (chart["chart"]["axis_config"]["categories"] for chart in charts):
        assert labels[0] in card.text


def texts_of(part: dict[str, Any]) -> list[dict[str, str]]:
    return part["elements"] if "elements" in part else [part["text"]]


VALUES = st.text(max_size=400) | st.sampled_from(["", '"', "a" * 2000, "<!channel>", "--private", "검색 " * 90])
QUERIES = st.builds(
    replace,
    st.sampled_from([each.query for each in EXAMPLES.values()]),
    dimensions=st.lists(st.sampled_from(["channel", "campaign", "device"]), max_size=2, unique=True).map(tuple),
    filters=st.lists(
        st.builds(
            Filter, st.sampled_from(["channel", "campaign"]), st.lists(VALUES, min_size=1, max_size=30).map(tuple)
        ),
        max_size=2,
    ).map(tuple),
    top=st.none() | st.integers(1, 50),
)


@given(st.sampled_from(list(EXAMPLES.values())), QUERIES, st.sampled_from(LANGUAGES), st.text(max_size=300))
def test_any_question_makes_cards_that_slack_takes(
    drawn_from: Answer, query: MetricQuery, language: str, who: str
) -> None:
    """Whatever was asked, in whatever words of the data, card, menu and every plainer form fit Slack's limits."""
    rows = drawn_from.breakdown if query.dimensions == drawn_from.query.dimensions else None
    asked = replace(drawn_from, query=replace(query, metric=drawn_from.metric.id), breakdown=rows)
    around = Around({"U012MINA1": who}, "https://docs.google.com/spreadsheets/d/1abc", who)
    cards = [
        answer_card(asked, language, CATALOG, around),
        exact_card(asked, language, CATALOG),
        compare_card(asked, language, Calendar(), CATALOG),
    ]
    for form in (form for card in cards for form in steps(card)):
        assert problems(form.blocks) == []
        assert 0 < len(form.text) <= 3000
        assert "<!" not in form.text


def test_a_course_names_its_ends() -> None:
    """The sentence for the course has whole periods alone: half a month is no lowest one."""
    course = course_line(CAC_OCTOBER, "en")
    assert course == "Oct 2025 to Oct 2026: lowest $38.9 (Aug 2026), highest $44.2 (Dec 2025)"
    so_far = months_until(NOVEMBER, [40.0, 41.0, 2.0])
    running = course_line(replace(CAC_OCTOBER, trend=so_far), "en")
    assert running == "Sep 2026 to Oct 2026: lowest $40.0 (Sep 2026), highest $41.0 (Oct 2026)"
    level = course_line(replace(CAC_OCTOBER, trend=months_until(OCTOBER, [40.0, 40.0])), "en")
    assert level == "Sep 2026 to Oct 2026: $40.0 throughout"


def test_a_reference_stands_in_the_unit_of_the_value() -> None:
    """A benchmark is for the whole firm, says how far it carries, and is no percentage beside a multiple."""
    roas = replace(
        CONVERSION_OCTOBER,
        value=3.1,
        metric=replace(
            CONVERSION,
            unit="ratio",
            benchmarks=(Benchmark({"en": "300 % or more", "ko": "300% 이상"}, "x", "no source stated", 3.0),),
        ),
    )
    assert benchmark_line(roas, "en") == "Reference: 3.0×, 300 % or more (no source stated)"
    narrowed = replace(roas, query=replace(roas.query, filters=(Filter("channel", ("search",)),)))
    assert benchmark_line(narrowed, "en") == ""
    assert benchmark_line(CAC_OCTOBER, "en") == ""


def test_a_chart_never_draws_a_missing_month() -> None:
    """Slack's chart has no gaps, so the line begins after the last month without data."""
    gap = replace(CAC_OCTOBER, trend=months_until(CAC_OCTOBER.query.period, [40.0, None, 41.0, 42.0, None]))
    chart = block(answer_card(gap, "en"), "data_visualization")
    assert chart["chart"]["axis_config"]["categories"] == ["Aug 2026", "Sep 2026"]  # type: ignore[index]
    none = replace(CAC_OCTOBER, trend=months_until(CAC_OCTOBER.query.period, [40.0, None, 41.0]))
    assert "data_visualization" not in {each["type"] for each in answer_card(none, "en").blocks}


def test_an_owner_is_named_and_not_called() -> None:
    """The owner of a goal stands there by name, and an answer pings nobody; an id without a name says nothing."""
    named = answer_card(CAC_OCTOBER, "en", around=Around({"U012MINA1": "Mina Kim"}))
    assert "owner Mina Kim" in named.text
    assert "owner Mina Kim" in drawn(replace(named, text=""))
    for name, each in EXAMPLES.items():
        card = answer_card(each, "en", CATALOG)
        assert "<@" not in json.dumps([card.text, card.blocks]), name
    assert "U012MINA1" not in drawn(answer_card(CAC_OCTOBER, "en"))
    assert "owner Mina &lt;Kim&gt;" in answer_card(CONVERSION_OCTOBER, "en").text


def test_at_most_five_buttons_and_none_twice() -> None:
    """A row has the likeliest questions, of splits those that every table has and none in use; a menu has the rest."""
    around = Around(sheet="https://docs.google.com/spreadsheets/d/1abc")
    *row, menu = block(answer_card(CONVERSION_OCTOBER, "en", CATALOG, around), "actions")["elements"]  # type: ignore[misc]
    assert [(each["action_id"], each["value"]) for each in row] == [
        ("kpi_ask", "conversion_rate 2026-10 by channel"),
        ("kpi_ask.2", "why conversion_rate 2026-10"),
        ("kpi_ask.3", "conversion_rate 2026-10 weekly"),
        ("set_goal", "conversion_rate 2026-10"),
        ("alert_me", "conversion_rate 2026-10"),
    ]
    assert [option["value"] for option in menu["options"]] == [
        "explain conversion_rate",
        "compare conversion_rate 2026-10",
        "share conversion_rate 2026-10",
        "exact conversion_rate 2026-10",
        "sheet ",
    ]


def test_tables_of_the_same_days_are_named_together() -> None:
    """Three tables that lack the same days make one warning, not three."""
    days = {"first": "2025-05-01", "last": "2026-11-21"}
    outside = [Notice("warning.outside_coverage", {"table": each, **days}) for each in ("costs", "orders")]
    card = answer_card(replace(CAC_OCTOBER, warnings=tuple(outside)), "en")
    assert card.text.count("No data for these days") == 1
    assert "costs, orders: 1 May 2025 to 21 November 2026." in card.text


def test_a_target_stands_in_a_chart_of_its_own_periods_alone() -> None:
    """A month's target lies beside months, never beside the weeks of one; that of a rate lies beside any of them."""
    goal = CAC_OCTOBER.goal
    assert goal is not None
    weeks = tuple(
        TrendPoint(Period(start, start + timedelta(days=7), "week"), 41.0, complete=True)
        for start in (date(2026, 10, 5) + timedelta(days=7 * n) for n in range(3))
    )

    def lines(per: str, trend: tuple[TrendPoint, ...]) -> int:
        chart = trend_chart(replace(CAC_OCTOBER, goal=replace(goal, per=per), trend=trend), "en")
        assert chart is not None
        return len(chart["chart"]["series"])

    months = CAC_OCTOBER.trend
    assert [lines("month", months), lines("month", weeks), lines("week", weeks), lines("", weeks)] == [2, 1, 2, 2]


@pytest.mark.parametrize(
    ("order", "top", "said"),
    [
        ("best", 1, "Best: September 2026, $38.0"),
        ("worst", 1, "Worst: August 2026, $42"),
        ("most", 2, "Highest: August 2026, $42.0 · July 2026, $40.0"),
        ("least", 1, "Lowest: September 2026, $38"),
        (None, None, ""),
    ],
)
def test_the_best_month_is_named(order: Any, top: int | None, said: str) -> None:
    """Which of the months that are over, by the KPI's direction or by the value; nothing where nobody asked."""
    asked = Period(date(2026, 7, 1), date(2026, 11, 1))
    course = months_until(OCTOBER, [41.0, 40.0, 42.0, 38.0, 30.0])
    trend = (*course[:-1], replace(course[-1], complete=False))
    query = replace(CAC_OCTOBER.query, period=asked, grain="month", order=order, top=top)
    text = answer_card(replace(CAC_OCTOBER, query=query, trend=trend), "en").text
    assert (said in text) if said else not any(word in text for word in ("Best:", "Worst:", "Highest:", "Lowest:"))
