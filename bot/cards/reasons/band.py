"""Whether a number is normal, as a card: the newest day beside its band, and the band drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards import blocks
from bot.cards.card import Block, Card
from bot.cards.chart import series_chart
from bot.cards.lines import filters_of, health_lines
from kpi_core.dates.periods import Period
from kpi_core.formats.movements import comparison_text
from kpi_core.formats.numbers import value_text, worth_text
from kpi_core.formats.periods import date_text, period_label
from kpi_core.phrases import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpi_core.alerts.usual_band import Band
    from kpi_core.metrics import Catalog
    from kpi_core.signals.anomalies import Reading

POINTS = 20


def band_lines(band: Band, language: str, catalog: Catalog | None = None) -> list[str]:
    """Title, whether it is normal, and the days of the period that were not; plain text."""
    answer = band.answer
    name = " · ".join([answer.metric.name(language), *filters_of(answer, language, catalog)])
    title = say(language, "band.title", name=name, period=period_label(answer.query.period, language))
    return [title, *_verdict(band, language), *health_lines(answer.health, language)]


def _verdict(band: Band, language: str) -> Iterator[str]:
    answer, metric = band.answer, band.answer.metric
    if band.days:
        last = band.days[-1]
        value = worth_text(last.value, metric, answer.currency, language)
        low, high = (value_text(number, metric, answer.currency, language) for number in (last.low, last.high))
        key = "band.day_unusual" if is_unusual(last) else "band.day_usual"
        yield say(language, key, day=date_text(last.on, language), value=value, low=low, high=high)
        inside = [day for day in band.days if answer.query.period.start <= day.on < answer.query.period.end]
        count = sum(map(is_unusual, inside))
        if len(inside) > 1:
            yield say(language, "band.days", count=count, total=len(inside))
        return
    change = next((one for one in answer.comparisons if one.usual is not None), None)
    if change is None or change.usual is None:
        yield say(language, "band.nobody_knows")
        return
    low, high = (value_text(end, metric, answer.currency, language) for end in change.usual)
    yield comparison_text(change, metric, language, answer.currency, answer.query.period)
    yield say(language, "band.period", low=low, high=high)


def is_unusual(reading: Reading) -> bool:
    """Whether a day is news by itself or with those before it, or lies outside its band."""
    return reading.news or not reading.low <= reading.value <= reading.high


def band_card(band: Band, language: str, catalog: Catalog | None = None) -> Card:
    """The same for Slack, the band drawn where there is one."""
    title, *lines = band_lines(band, language, catalog)
    drawn: list[Block] = [blocks.header(title), blocks.section("\n".join(lines))]
    if chart := _chart(band, language):
        drawn.append(chart)
    return Card(blocks.escaped("\n".join([title, *lines]), 3000), drawn)


def _chart(band: Band, language: str) -> Block | None:
    days = band.days[-POINTS:]
    periods = [Period(day.on, day.on, "day") for day in days]
    lines = {
        band.answer.metric.name(language): [day.value for day in days],
        say(language, "band.low"): [day.low for day in days],
        say(language, "band.high"): [day.high for day in days],
    }
    return series_chart(periods, lines, band.answer, language) if len(days) > 1 else None
