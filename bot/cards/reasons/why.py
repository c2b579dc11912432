"""Why a KPI moved, as a card: the change, who did it in two sentences, a table that sums to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards import blocks
from bot.cards.card import Card
from bot.cards.lines import group_name, health_lines
from bot.cards.table import Cell, Table
from kpi_core.formats.movements import comparison_text, moves_by_points, same_days
from kpi_core.formats.notices import dimension_name, part_name
from kpi_core.formats.numbers import amount_text, decimal_of, places_of, points_text, rounded_to, value_text, worth_text
from kpi_core.formats.periods import pair_labels, period_label
from kpi_core.phrases import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpi_core.metrics import Catalog
    from kpi_core.reasons.why import Reason, Split, Why

MINUS = "-"
_DIGITS = 2


def why_lines(why: Why, language: str, catalog: Catalog | None = None) -> list[str]:
    """Title, number with its movement, then who did it; plain text."""
    answer, metric = why.answer, why.answer.metric
    period = period_label(answer.query.period, language)
    number = worth_text(why.change.current, metric, answer.currency, language)
    moved = comparison_text(why.change, metric, language, answer.currency, answer.query.period)
    title = say(language, "why.title", name=metric.name(language), period=period)
    sentences = (
        driver_sentences(why, why.splits[0], language, catalog) if why.splits else [say(language, "why.nothing")]
    )
    return [title, f"{number}   {moved}", *sentences, *_steps(why, language), *health_lines(answer.health, language)]


def why_card(why: Why, language: str, catalog: Catalog | None = None, receipt_name: str = "") -> Card:
    """The same for Slack, the table below; by `receipt_name` the number can be asked for again as it was."""
    title, *lines = why_lines(why, language, catalog)
    table = why_table(why, language, catalog)
    drawn = [blocks.header(title), blocks.section("\n".join(lines))]
    if table is not None:
        drawn.append(blocks.data_table(table)[0])
    if receipt_name:
        lines.append(say(language, "card.receipt", receipt=receipt_name))
        drawn.append(blocks.context(lines[-1:]))
    return Card(blocks.escaped("\n".join([title, *lines])), drawn)


def why_table(why: Why, language: str, catalog: Catalog | None = None) -> Table | None:
    """A row a segment, largest effect first; the total is the change. None where no split adds up."""
    if not why.splits:
        return None
    split = why.splits[0]
    after, before = _labels(why, language)
    name = dimension_name(split.dimension, language, catalog)
    kinds = ["effect", "rate", "mix"] if split.has_mix else ["effect"]
    rows = tuple(
        (Cell(group_name(reason.name, reason.folded, language)), *_figures(why, reason, kinds, language))
        for reason in split.reasons
    )
    sums = {kind: sum(getattr(reason, kind) for reason in split.reasons) for kind in kinds}
    total = (
        Cell(say(language, "card.total")),
        *(Cell(effect_text(why, sums[kind], language), sums[kind]) for kind in kinds),
        *(Cell(_value(why, value, language), value) for value in (why.change.value, why.change.current)),
    )
    return Table(
        caption=say(language, "why.title", name=why.answer.metric.name(language), period=after),
        headings=(name[:1].upper() + name[1:], *(say(language, f"why.{kind}") for kind in kinds), before, after),
        rows=rows,
        total=total,
        keys=1,
    )


def _labels(why: Why, language: str) -> tuple[str, str]:
    """The later period and the earlier one."""
    change, period = why.change, why.answer.query.period
    if same_days(change.compared, period):
        return period_label(period, language), period_label(change.period, language)
    return pair_labels(change.compared, change.period, language)


def _figures(why: Why, reason: Reason, kinds: list[str], language: str) -> Iterator[Cell]:
    for kind in kinds:
        yield Cell(effect_text(why, getattr(reason, kind), language), getattr(reason, kind))
    for value in (reason.before, reason.after):
        yield Cell("–" if value is None else _value(why, value, language), value)


def driver_sentences(why: Why, split: Split, language: str, catalog: Catalog | None = None) -> list[str]:
    """Who did most of it, and who did what is left."""
    change = why.change.change or 0.0
    first = _first(split, change)
    others = [reason for reason in split.reasons if reason is not first and not reason.folded]
    facts = {
        "dimension": dimension_name(split.dimension, language, catalog),
        "segment": group_name(first.name, first.folded, language),
        "effect": effect_text(why, first.effect, language),
        "change": effect_text(why, change, language),
    }
    parts = {kind: effect_text(why, getattr(first, kind), language) for kind in ("rate", "mix")}
    sentence = say(language, "why.first_ratio" if split.has_mix else "why.first", **facts, **parts)
    if len(others) < 2:
        return [sentence]
    name, effect = group_name(others[0].name, 0, language), effect_text(why, others[0].effect, language)
    rest = effect_text(why, change - first.effect - others[0].effect, language)
    return [sentence, say(language, "why.next", segment=name, effect=effect, rest=rest)]


def driver_facts(why: Why, split: Split, language: str, catalog: Catalog | None = None) -> dict[str, str]:
    """Who did most of a change and what all others did: both sum to it."""
    change = why.change.change or 0.0
    first = _first(split, change)
    return {
        "change": effect_text(why, change, language),
        "dimension": dimension_name(split.dimension, language, catalog),
        "segment": group_name(first.name, first.folded, language),
        "effect": effect_text(why, first.effect, language),
        "rest": effect_text(why, change - first.effect, language),
    }


def _first(split: Split, change: float) -> Reason:
    way = 1 if change > 0 else -1
    return min(split.reasons, key=lambda reason: (reason.folded > 0, -reason.effect * way))


def _steps(why: Why, language: str) -> Iterator[str]:
    """What each side of a ratio did."""
    metric, currency = why.answer.metric, why.answer.currency
    for step in why.steps:
        unit = metric.inputs[step.name].unit if step.name in metric.inputs else "count"
        before, after = (
            amount_text(value, unit, currency, language, "headline") for value in (step.before, step.after)
        )
        part, effect = part_name(step.name, metric, language), effect_text(why, step.effect, language)
        yield say(language, "why.step", part=part[:1].upper() + part[1:], before=before, after=after, effect=effect)


def _value(why: Why, value: float | None, language: str) -> str:
    return worth_text(value, why.answer.metric, why.answer.currency, language, "exact")


def effect_text(why: Why, effect: float, language: str) -> str:
    """With its sign, in the unit of the KPI's movements; nothing is neither plus nor minus.

    All effects of a card have the places of the largest: the smallest need no more.
    """
    metric = why.answer.metric
    largest = max((abs(reason.effect) for split in why.splits[:1] for reason in split.reasons), default=abs(effect))
    rounded = float(rounded_to(decimal_of(abs(effect)), max(places_of(decimal_of(largest), _DIGITS), 0)))
    if moves_by_points(metric, language):
        text = points_text(rounded, metric, language)
    else:
        text = value_text(rounded, metric, why.answer.currency, language)
    if not any(sign in "123456789" for sign in text):
        return text
    return f"+{text}" if effect > 0 else f"{MINUS}{text}"
