"""The list, definitions, help, errors and summaries as cards."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from answer_examples import CAC, CAC_OCTOBER, CATALOG, HOSTILE, SEPTEMBER, SUMMARY, WEEK, WEEK_BEFORE, change
from drawn_card import matches_card

from bot.cards.alert import Reader, looked_back_text, number_lines
from bot.cards.catalogue import explain_card, list_card
from bot.cards.reasons.why import why_lines, why_table
from bot.cards.summary import summary_card, summary_words
from bot.cards.word_cards import error_card, help_card
from bot.sandbox.slack.block_rules.problems import problems
from kpi_core.alerts.episode import Episode
from kpi_core.catalog import load_catalog
from kpi_core.dates.periods import Period
from kpi_core.deliveries.summaries import Late
from kpi_core.errors import QuestionError, ServiceError
from kpi_core.metrics import LANGUAGES, Catalog
from kpi_core.phrases import Notice
from kpi_core.reasons.why import Reason, Split, Why
from kpi_core.settings.values import Alert

MISSING = {"ad_spend": Notice("warning.table_missing", {"table": "ad_performance"})}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_card_of_words_reads_as_reviewed(language: str) -> None:
    """What people read changes only when somebody has looked at it."""
    cards = {
        "list": list_card(CATALOG, MISSING, language),
        "explain": explain_card(CAC, CATALOG, language, ("SELECT sum(spend) FROM ad_performance WHERE spend < 9",)),
        "help": help_card(language),
        "summary": summary_card(SUMMARY, language),
    }
    for name, card in cards.items():
        assert problems(card.blocks) == []
        matches_card(f"{name}.{language}", card)


@pytest.mark.parametrize(("language", "words"), [("en", "no cost"), ("ko", "비용 없음"), ("zh-TW", "無成本")])
def test_what_cost_nothing_is_so_told_in_a_why_and_in_an_alert(language: str, words: str) -> None:
    """In the sentence, in its table and in the alert, as in every table; a revenue of 0 is a revenue of 0."""
    moved = change("previous_period", SEPTEMBER, 0.0, 41.27, None)
    reasons = (Reason("direct", 41.27, 0.0, before=0.0, after=41.27),)
    why = Why(
        replace(CAC_OCTOBER, comparisons=(moved,)),
        moved,
        (Split("channel", has_mix=True, reasons=reasons, surprise=0.0),),
        (),
    )
    table = why_table(why, language)
    assert table is not None
    assert words in why_lines(why, language)[1]
    assert [row[-2].text for row in (*table.rows, table.total)] == [words, words]
    assert [row[-2].number for row in (*table.rows, table.total)] == [0.0, 0.0]
    reader = Reader(language, CATALOG, "USD")
    for kpi, is_so_told in (("cac", True), ("sales_revenue", False)):
        rule = Alert("anomaly", "C0123", kpi)
        episode = Episode(
            rule, kpi, (), date(2026, 10, 8), Period(date(2026, 10, 7), date(2026, 10, 8), "day"), value=0.0, usual=41.0
        )
        assert (words in next(number_lines(episode, reader))) is is_so_told
    looked = looked_back_text(why.answer, (), reader, 7)
    assert words in looked


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_of_any_size_fits_one_message(language: str) -> None:
    """The list names every KPI within Slack's limits, also when nothing or everything is available."""
    many = {f"kpi_{number}": replace(CAC, id=f"kpi_{number}", variants=()) for number in range(400)}
    catalog = Catalog(many, CATALOG.models, CATALOG.dimensions)
    for missing in ({}, dict.fromkeys(many, MISSING["ad_spend"])):
        card = list_card(catalog, missing, language)
        assert problems(card.blocks) == []
        assert "kpi_399" in json.dumps(card.blocks) or missing


def test_every_built_in_definition_fits_a_card() -> None:
    """Each KPI of the catalogue explains itself within Slack's limits."""
    catalog = load_catalog()
    assert problems(list_card(catalog, {}, "en").blocks) == []
    for metric in catalog.metrics.values():
        card = explain_card(metric, catalog, "ko", ("SELECT " + "x < 1 AND " * 800,))
        assert problems(card.blocks) == [], metric.id


def test_an_error_offers_the_next_step() -> None:
    """A question that cannot be answered shows what would be, one button each."""
    error = QuestionError(
        f"No KPI called {HOSTILE}.",
        code="unknown to this test",
        hint="Ask for one of the list.",
        suggestions=("cac", "cpc"),
    )
    card = error_card(error, "en")
    assert problems(card.blocks) == []
    assert "&lt;!channel&gt;" in card.text
    assert card.text.endswith("Ask for one of the list.")
    assert [(each["action_id"], each["value"]) for each in card.blocks[-1]["elements"]] == [
        ("kpi_ask", "cac"),
        ("kpi_ask.2", "cpc"),
    ]


def test_an_error_speaks_the_readers_language() -> None:
    """An error with a phrase of its own is said in the reader's language; any other in its own words."""
    params = {"kpi": "매출", "dimension": "기기", "table": "costs", "known": "channel"}
    known = QuestionError("English", code="dimension_unavailable", hint="Hint", params=params)
    assert "costs" in error_card(known, "ko").text
    assert "English" not in error_card(known, "ko").text
    assert "English" in error_card(QuestionError("English", code="dimension_unavailable"), "ko").text
    assert error_card(ServiceError("It is down.", code="no such phrase"), "ko").text == "It is down."


def test_a_summary_without_numbers_still_says_why() -> None:
    """Where no KPI has data the summary says so instead of being empty."""
    empty = replace(SUMMARY, lines=(), chart=None, actions=(), extremes=None, more=0)
    card = summary_card(empty, "en")
    assert problems(card.blocks) == []
    assert "No KPI has data for this period." in card.text


def test_what_most_lines_compare_is_said_once() -> None:
    """Where the data ends early the days that are compared stand above all lines; another names its own."""
    first, second = (Period(week.start, week.start + timedelta(days=4), "span") for week in (WEEK, WEEK_BEFORE))
    own, *early = SUMMARY.lines
    cut = [replace(line, change=replace(line.change, compared=first, period=second)) for line in early if line.change]
    words = summary_words(replace(SUMMARY, lines=(own, *cut)), "en")
    assert words.basis == "16-19 November against 9-12 November"
    assert [(" against " in rest) for _head, rest in words.lines] == [True, False, False, False]


def test_data_that_ends_early_for_all_names_no_kpi() -> None:
    """Where every line ends on the same day the day is enough."""
    every = Late(tuple(line.metric for line in SUMMARY.lines), WEEK.start)
    assert "Late: data only through 16 Nov" in summary_words(replace(SUMMARY, late=(every,)), "en").data
