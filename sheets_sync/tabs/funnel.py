"""The Funnel: how many came to each step in the last complete month, and where most are lost."""

from __future__ import annotations

from collections.abc import Sequence

from kpi_core.formats.notices import notice_text
from kpi_core.formats.numbers import percent_text
from kpi_core.formats.periods import period_label
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Metric
from kpi_core.phrases import say
from kpi_core.reasons.funnel import funnel_kpis, narrowest, step_rates
from sheets_sync.tabs.cells import Cell, Number, NumberFormat, Text
from sheets_sync.tabs.left_out import with_left_out
from sheets_sync.tabs.number_formats import change_cell, points_format, value_format
from sheets_sync.tabs.overview import change_of
from sheets_sync.tabs.queries import Material
from sheets_sync.tabs.tab import Area, Chart, Column, Shade, Tab, filled

_CHART = 640
HEADER = 2
_COLUMNS = ("step", "count", "previous", "change", "rate", "rate_change", "remark")
_WIDTHS = {"step": 220, "remark": 240}
_RATE = NumberFormat("PERCENT", "0.0%")


@frozen
class _Step:
    """A step's count in the month and in the month before, and why there is none."""

    metric: Metric
    count: float | None
    before: float | None
    reason: str


def funnel_tab(material: Material) -> Tab:
    """A row a step. Rates hold the counts of one month against each other, not the same people."""
    language = material.language
    steps = [_step(material, metric) for metric in material.funnel()]
    rates = step_rates([step.count for step in steps])
    before = step_rates([step.before for step in steps])
    columns = tuple(_column(key, language) for key in _COLUMNS)
    narrow = narrowest(rates)
    line = say(language, "sheet.line.funnel", period=period_label(material.period, language))
    if narrow is not None:
        line = say(language, "sheet.line.bottleneck", line=line, words=_bottleneck(steps, rates, narrow, language))
    missing = [metric for metric in funnel_kpis(material.catalog) if metric in material.left_out]
    rows: list[list[Cell]] = [
        [Text(say(language, "sheet.tab.funnel"))],
        [Text(with_left_out(line, missing, language))],
        [Text(column.title) for column in columns],
    ]
    rows += [
        _row(material, step, rate, earlier, narrow=number == narrow)
        for number, (step, rate, earlier) in enumerate(zip(steps, rates, before, strict=True))
    ]
    remark = _COLUMNS.index("remark")
    shade = Shade((Area(HEADER + 1, remark, None, remark + 1),), say(language, "sheet.status.bottleneck"), "fair")
    end = len(rows)
    chart = Chart(
        "steps",
        "column",
        say(language, "sheet.tab.funnel"),
        values=Area(HEADER, 1, end, 2),
        domain=Area(HEADER, 0, end, 1),
        # Below the table, and so in sight however many columns there are.
        row=end + 1,
        column=1,
        width=_CHART,
        height=260,
    )
    return Tab(
        "funnel",
        say(language, "sheet.tab.funnel"),
        columns,
        filled(rows, len(columns)),
        HEADER,
        charts=(chart,) if any(step.count is not None for step in steps) else (),
        shades=(shade,),
        keys=tuple(step.metric.id for step in steps),
    )


def _column(key: str, language: str) -> Column:
    about = "" if key in {"step", "count"} else say(language, f"sheet.about.{key}")
    return Column(key, say(language, f"sheet.column.{key}"), about, width=_WIDTHS.get(key, 110))


def _step(material: Material, metric: Metric) -> _Step:
    answer = material.month(metric)
    change = change_of(answer, "previous_period")
    warned = answer.warnings if answer and answer.value is None else ()
    reason = notice_text(warned[0], material.language) if warned else ""
    return _Step(metric, answer.value if answer else None, change.value if change else None, reason)


def _row(material: Material, step: _Step, rate: float | None, before: float | None, *, narrow: bool) -> list[Cell]:
    language = material.language
    number_format = value_format(step.metric, material.settings.currency, language)
    change = None if step.count is None or step.before is None else step.count - step.before
    moved = None if rate is None or before is None else (rate - before) * 100
    remark = say(language, "sheet.status.bottleneck") if narrow else step.reason
    return [
        Text(step.metric.name(language)),
        Number(step.count, number_format),
        Number(step.before, number_format),
        change_cell(step.metric, (step.count, step.before), _ratio(change, step.before), language),
        Number(rate, _RATE),
        Number(moved, points_format(language)),
        Text(remark),
    ]


def _bottleneck(steps: Sequence[_Step], rates: Sequence[float | None], narrow: int, language: str) -> str:
    rate = rates[narrow]
    return say(
        language,
        "sheet.funnel.bottleneck",
        share=percent_text(rate or 0.0, language),
        above=steps[narrow - 1].metric.name(language),
        step=steps[narrow].metric.name(language),
    )


def _ratio(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else part / whole
