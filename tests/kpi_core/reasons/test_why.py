"""Why a KPI moved: the parts sum to the change, whatever the KPI, and name who did it."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from demo_side import FRIDAY, shared_demo

from bot.cards.reasons.why import why_card, why_lines, why_table
from bot.cli import main
from bot.terminal.why import terminal_why
from kpi_core.access.operator import OPERATOR
from kpi_core.answers import Answer
from kpi_core.demo.planted_facts import planted_facts
from kpi_core.errors import QuestionError
from kpi_core.formula import parse_formula, quotient_of
from kpi_core.query import MetricQuery
from kpi_core.questions.errors import error_words
from kpi_core.questions.intents.asking_why import asks_why, without_why
from kpi_core.reasons.why import MOST_REASONS, Why, explained

from long import ran, times

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
LANGUAGES = ("en", "ko", "zh-TW")


def why(words: str, now: datetime = NOW, day: date = FRIDAY) -> Why:
    workspace = shared_demo(day)
    door = workspace.door(OPERATOR)

    def ask(queries: Sequence[MetricQuery]) -> list[Answer]:
        return door.answers(queries, now)

    query = door.question(words, now)
    return explained(ask, query, door.vocabulary().splits_of(query.metric))


@pytest.mark.long
def test_the_parts_of_every_kpi_sum_to_its_change() -> None:
    """Whatever is split is split to the last digit, by segment and along the formula; most KPIs can be."""
    split, steps = 0, 0
    kpis = shared_demo().door(OPERATOR).catalog.kpis()
    chosen = kpis[:: max(1, len(kpis) // times(16, len(kpis)))]
    for metric in chosen:
        try:
            reason = why(f"{metric.id} last month")
        except QuestionError:
            continue
        change = reason.change.change
        assert change is not None
        size = max(abs(reason.change.value or 0), abs(reason.change.current or 0), abs(change), 1e-9)
        for each in reason.splits:
            assert math.isclose(sum(one.effect for one in each.reasons), change, abs_tol=1e-6 * size), metric.id
            assert len(each.reasons) <= MOST_REASONS + 1
            split += 1
        if reason.steps:
            assert math.isclose(sum(step.effect for step in reason.steps), change, abs_tol=1e-6 * size), metric.id
            steps += 1
    ran("changes taken apart", split)
    assert split > len(chosen)
    assert steps > len(chosen) // 8


def test_the_planted_cause_is_named_first() -> None:
    """Display that costs more a click and wins no more customers is what moved the paid CAC, by its own rate."""
    fact = planted_facts(FRIDAY)["display_cac"]
    days = f"{fact.start}..{fact.end - timedelta(days=1)}"
    before = f"{fact.start - (fact.end - fact.start)}..{fact.start - timedelta(days=1)}"
    reason = why(f"cac@paid {days} vs {before}")
    by_channel = next(split for split in reason.splits if split.dimension == "channel")
    first = max(by_channel.reasons, key=lambda each: each.effect)
    assert first.name == "display"
    assert first.rate > abs(first.mix)


def test_a_sum_has_no_weights() -> None:
    """Orders change segment by segment; nobody's weight is spoken of, and the table is the sum of its rows."""
    reason = why("sales revenue last month")
    assert all(each.mix == 0 for split in reason.splits for each in split.reasons)
    table = why_table(reason, "en")
    assert table is not None
    assert len(table.headings) == 4
    assert math.isclose(sum(row[1].number or 0 for row in table.rows), table.total[1].number or 0, rel_tol=1e-9)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_says_who_did_it(language: str) -> None:
    """A title, the number with its movement, who did most; in the terminal no line is longer than its width."""
    reason = why("cac last month")
    lines = why_lines(reason, language)
    assert len(lines) >= 4
    card = why_card(reason, language)
    assert [block["type"] for block in card.blocks] == ["header", "section", "data_table"]
    assert lines[0] in card.text
    assert why_card(reason, language, receipt_name="k7f3q2mx").text.endswith("k7f3q2mx")
    assert max(map(len, terminal_why(reason, language).splitlines())) <= 100


def test_steps_show_amounts_and_not_their_multiples() -> None:
    """The ad spend of a cost per thousand is what was spent, not a thousand times that."""
    cpm, spend = why("cpm last month"), why("ad spend last month")
    (step,) = [each for each in cpm.steps if each.name == "ad_spend"]
    assert (step.before, step.after) == (spend.change.value, spend.change.current)
    assert math.isclose(sum(each.effect for each in cpm.steps), cpm.change.change or 0.0)


def test_nothing_to_explain_is_said() -> None:
    """A period without a number has no change: a sentence says so."""
    with pytest.raises(QuestionError) as caught:
        why("sales revenue 2019-03")
    assert caught.value.code == "no_change"
    assert len({error_words(caught.value, language) for language in LANGUAGES}) == len(LANGUAGES)


def test_the_command_line_explains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command takes a question as kpi ask does, and words around it; --json has full precision."""
    (tmp_path / "kpi.yaml").write_text(
        "company: x\ntimezone: UTC\ncurrency: USD\n"
        "sources: [{name: books, type: csv, path: costs.csv, table: ad_performance}]\n",
        "utf-8",
    )
    (tmp_path / "costs.csv").write_text(
        "date,platform,channel,campaign,impressions,clicks,spend\n"
        "2026-09-10,google,search,a,100,10,30\n2026-09-10,meta,social,b,100,10,70\n"
        "2026-10-10,google,search,a,100,10,30\n2026-10-10,meta,social,b,100,10,90\n",
        "utf-8",
    )
    monkeypatch.chdir(tmp_path)
    main(["load"])
    capsys.readouterr()
    assert main(["why", "why did ad spend rise in october", "--now", "2026-11-20T09:00", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["before"], found["value"], found["change"]) == (100, 120, 20)
    by_channel = next(split for split in found["splits"] if split["dimension"] == "channel")
    assert [(each["segment"], each["effect"]) for each in by_channel["reasons"]] == [("social", 20), ("search", 0)]
    assert main(["why", "cpc 2026-10", "--now", "2026-11-20T09:00"]) == 0
    assert "meta" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ("why did cac rise in october", "cac in october"),
        ("Why is our conversion rate so low last week?", "conversion rate last week"),
        ("why cac", "cac"),
        ("지난달 CAC가 왜 올랐나요?", "지난달 CAC"),
        ("왜 매출이 떨어졌어", "매출"),
        ("為什麼上個月營收下降了？", "上個月營收"),
        ("cac last month", "cac last month"),
    ],
)
def test_words_around_the_question(typed: str, question: str) -> None:
    """What asks why, and how it moved, is left out; what does not ask why stays as it is."""
    assert without_why(typed) == question
    assert asks_why(typed) == (typed != question)


@pytest.mark.parametrize(
    ("formula", "sides"),
    [
        ("a / b", ("a", "b", 1)),
        ("100 * a / b", ("100 * a", "b", 1)),
        ("(a - b) / c * 100", ("a - b", "c", 100)),
        ("a - b", None),
        ("a * (b / c)", None),
    ],
)
def test_sides_of_a_ratio(formula: str, sides: tuple[str, str, float] | None) -> None:
    """A formula that divides last has two sides and a factor; any other has none."""
    quotient = quotient_of(parse_formula(formula))
    assert (quotient and (quotient.over.text, quotient.under.text, quotient.factor)) == sides
