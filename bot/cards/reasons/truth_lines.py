"""What ads brought in by all who claim it, as lines and as a card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards import blocks
from bot.cards.card import Card
from bot.cards.lines import filters_of, health_lines
from kpi_core.formats.numbers import amount_text, number_text, ratio_text, value_text, worth_text
from kpi_core.formats.periods import period_label
from kpi_core.phrases import say
from kpi_core.reasons.three_truths import LOOK_BACK_DAYS, REVENUE

if TYPE_CHECKING:
    from kpi_core.answers import Answer
    from kpi_core.metrics import Catalog
    from kpi_core.reasons.three_truths import Truths

_KEYS = {
    "roas": "truths.claimed",
    "roas@last_click": "truths.last_click",
    "roas@first_touch": "truths.first_touch",
    "roas@last_touch": "truths.last_touch",
}


def truths_lines(truths: Truths, language: str, catalog: Catalog | None = None) -> list[str]:
    """Title, one line a reading with what it credits, the over-claim and what nobody explains; plain text."""
    answer = truths.claimed
    name = " · ".join([answer.metric.name(language), *filters_of(answer, language, catalog)])
    period = period_label(answer.query.period, language)
    if not answer.complete:
        period = say(language, "card.so_far", period=period)
    lines = [say(language, "truths.title", name=name, period=period)]
    lines += [_line(answer_of_way, language) for answer_of_way in truths.ways]
    if truths.over_claim is not None:
        factor = number_text(ratio_text(truths.over_claim, "headline"), language)
        lines.append(say(language, "truths.over_claim", factor=factor))
    if truths.untouched is not None and truths.untouched.value is not None:
        share = value_text(truths.untouched.value, truths.untouched.metric, answer.currency, language)
        lines.append(say(language, "truths.untouched", share=share, days=LOOK_BACK_DAYS))
    lines.append(say(language, "truths.basis", days=LOOK_BACK_DAYS))
    return [*lines, *health_lines(answer.health, language)]


def _line(answer: Answer, language: str) -> str:
    way, value = (
        say(language, _KEYS[answer.metric.id]),
        worth_text(answer.value, answer.metric, answer.currency, language),
    )
    revenue = answer.parts.get(REVENUE)
    if answer.value is None or revenue is None:
        return say(language, "truths.line", way=way, value=value)
    amount = amount_text(round(revenue), "currency", answer.currency, language, "headline")
    return say(language, "truths.line_of", way=way, value=value, amount=amount)


def truths_card(truths: Truths, language: str, catalog: Catalog | None = None) -> Card:
    """The same for Slack."""
    title, *lines = truths_lines(truths, language, catalog)
    drawn = [blocks.header(title), blocks.section("\n".join(lines))]
    return Card(blocks.escaped("\n".join([title, *lines])), drawn)
