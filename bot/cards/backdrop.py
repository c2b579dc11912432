"""What stands around a number, a sentence each: its course, the reference from outside, what the KPI is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards.chart import newest_run
from kpi_core.formats.benchmarks import benchmark_of
from kpi_core.formats.numbers import shown_unit, value_text, worth_text
from kpi_core.formats.periods import axis_label
from kpi_core.metrics import localized
from kpi_core.phrases import knows, say

if TYPE_CHECKING:
    from kpi_core.answers import Answer


def course_line(answer: Answer, language: str) -> str:
    """The course in one sentence: from when to when, its lowest and its highest. Empty without two whole periods."""
    points = [point for point in newest_run(answer.trend) if point.complete and point.value is not None]
    if len(points) < 2:
        return ""
    low, high = (choose(points, key=lambda point: point.value or 0.0) for choose in (min, max))
    texts = {
        name: worth_text(point.value, answer.metric, answer.currency, language)
        for name, point in (("low", low), ("high", high))
    }
    days = {
        name: axis_label(point.period, language)
        for name, point in (("first", points[0]), ("last", points[-1]), ("low_at", low), ("high_at", high))
    }
    key = "card.course_level" if texts["low"] == texts["high"] else "card.course"
    return say(language, key, **texts, **days)


def benchmark_line(answer: Answer, language: str) -> str:
    """The figure from outside in the unit of the value, with its trust; empty where none is for the whole firm."""
    benchmark = benchmark_of(answer.metric)
    if benchmark is None or benchmark.value is None or answer.query.filters or answer.value is None:
        return ""
    text = localized(benchmark.text, language)
    # A percentage says itself in words; a ratio stands beside the number in another unit.
    if shown_unit(answer.metric, language) != "percent" and "%" in text:
        figure = value_text(benchmark.value, answer.metric, answer.currency, language)
        text = say(language, "card.reference_figure", figure=figure, text=text)
    key = f"trust.{benchmark.trust.replace(' ', '_')}"
    trust = say(language, key) if knows(key) else benchmark.trust
    return say(language, "card.reference", text=text, trust=trust)


def definition_line(answer: Answer, language: str) -> str:
    """What the KPI is, in one line; of another reading of it, which one."""
    reading = localized(answer.metric.reading, language) if answer.metric.variant_of else ""
    return (reading or localized(answer.metric.description, language)).strip().split("\n")[0]
