"""The answer card: what stands where, in three languages, within Slack's limits."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from answer_examples import (
    CAC_BY_CHANNEL,
    CAC_OCTOBER,
    CATALOG,
    CONVERSION_OCTOBER,
    EXAMPLES,
    HOSTILE,
    REVENUE_BY_CAMPAIGN,
    months_until,
)
from drawn_card import drawn
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.answer import answer_card
from bot.cards.card import Card, plainer
from bot.sandbox.slack.block_rules.problems import problems
from kpi_core.answers import Answer, BreakdownRow
from kpi_core.metrics import LANGUAGES
from kpi_core.phrases import Notice

from golden import matches_golden


def block(card: Card, kind: str) -> dict[str, object]:
    return next(each for each in card.blocks if each["type"] == kind)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_answer_reads_as_reviewed(name: str, language: str) -> None:
    """What an answer looks like in Slack changes only when somebody has looked at it."""
    card = answer_card(EXAMPLES[name], language, CATALOG)
    assert problems(card.blocks) == []
    matches_golden(f"cards/{name}.{language}.txt", drawn(card))


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
    """A workspace without charts keeps the numbers, one without tables the rows, one without blocks the text."""
    chart = answer_card(CAC_OCTOBER, "en")
    table = answer_card(CAC_BY_CHANNEL, "en")
    kinds = [[each["type"] for each in card.blocks] for card in steps(chart)]
    assert kinds == [
        ["context", "header", "section", "section", "data_visualization", "context", "actions"],
        ["context", "header", "section", "section", "context", "actions"],
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


def test_a_chart_never_draws_a_missing_month() -> None:
    """Slack's chart has no gaps, so the line begins after the last month without data."""
    gap = replace(CAC_OCTOBER, trend=months_until(CAC_OCTOBER.query.period, [40.0, None, 41.0, 42.0, None]))
    chart = block(answer_card(gap, "en"), "data_visualization")
    assert chart["chart"]["axis_config"]["categories"] == ["Aug 2026", "Sep 2026"]  # type: ignore[index]
    none = replace(CAC_OCTOBER, trend=months_until(CAC_OCTOBER.query.period, [40.0, None, 41.0]))
    assert "data_visualization" not in {each["type"] for each in answer_card(none, "en").blocks}


def test_an_owner_is_named() -> None:
    """The owner of a goal is shown: a Slack user by mention, anybody else in letters."""
    assert "owner <@U012MINA1>" in drawn(answer_card(CAC_OCTOBER, "en"))
    assert "owner Mina &lt;Kim&gt;" in drawn(answer_card(CONVERSION_OCTOBER, "en"))


def test_at_most_five_buttons_and_none_twice() -> None:
    """Buttons offer only splits that every table of the KPI has and that are not in use."""
    row = block(answer_card(CONVERSION_OCTOBER, "en", CATALOG), "actions")["elements"]
    assert [each["value"] for each in row] == [  # type: ignore[attr-defined]
        "conversion_rate 2026-10 by channel",
        "conversion_rate 2026-10 by device",
        "conversion_rate 2026-10 weekly",
        "conversion_rate",
    ]


def test_tables_of_the_same_days_are_named_together() -> None:
    """Three tables that lack the same days make one warning, not three."""
    days = {"first": "2025-05-01", "last": "2026-11-21"}
    outside = [Notice("warning.outside_coverage", {"table": each, **days}) for each in ("costs", "orders")]
    card = answer_card(replace(CAC_OCTOBER, warnings=tuple(outside)), "en")
    assert card.text.count("No data for these days") == 1
    assert "costs, orders: 1 May 2025 to 21 November 2026." in card.text
