"""The card in a terminal: the same lines in at most 100 columns, a sparkline for the chart, no colour unless asked.

Words from data lose their control characters: a campaign's name must not move the cursor or colour the screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards.chart import BREAK_MARK, starts_anew
from bot.cards.lines import goal_line, headline, movements, receipt, title, warnings
from bot.cards.table import Table, breakdown_table
from bot.terminal.text import (
    BAD,
    BOLD,
    FAINT,
    GOOD,
    WIDTH,
    Paint,
    cleaned,
    columns_of,
    cut,
    grid,
    padded,
    painter,
    wrapped,
)
from kpi_core.formats.findings import mended_text
from kpi_core.formats.numbers import amount_text
from kpi_core.formats.periods import axis_label
from kpi_core.formats.source_facts import source_lines
from kpi_core.phrases import say
from kpi_core.questions.errors import error_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kpi_core.answers import Answer
    from kpi_core.deliveries.summaries import Summary
    from kpi_core.errors import KpiBotError
    from kpi_core.health.facts import Finding, Health
    from kpi_core.metrics import Catalog, Metric, WorkedExample
    from kpi_core.phrases import Notice

MOST_NAME = 40
"""Columns of a group's name; a longer one is cut."""
_BARS = "▁▂▃▄▅▆▇█"
_GAP = " "


def terminal_card(
    answer: Answer, language: str, *, colour: bool = False, width: int = WIDTH, catalog: Catalog | None = None
) -> str:
    """One answer: title, number, movement, goal, trend or table, receipt; no line longer than `width` columns."""
    paint = painter(colour=colour)
    lines = [*wrapped(title(answer, language, catalog), width), *_head(answer, language, width, paint)]
    lines += [line for warning in warnings(answer, language) for line in wrapped(warning, width)]
    if goal := goal_line(answer, language):
        lines += wrapped(goal, width)
    if table := breakdown_table(answer, language, catalog):
        lines += ["", *table_lines(table, width, paint), ""]
    elif trend := _trend(answer, language, width, paint):
        lines.append(trend)
    if made_of := receipt(answer, language):
        lines += [paint(line, FAINT) for line in wrapped(made_of, width)]
    return "\n".join(lines)


def _head(answer: Answer, language: str, width: int, paint: Paint) -> list[str]:
    """The number, the movements beside it, each in the colour of its verdict."""
    number = headline(answer, language)
    moved = movements(answer, language)
    if not moved:
        return [paint(number, BOLD)]
    tones = {movement: {"better": GOOD, "worse": BAD}.get(verdict or "", "") for movement, verdict in moved.items()}
    left = columns_of(number) + 3
    # Beside the number only where all of them fit: wrapped there, one would run under the next.
    if any(columns_of(movement) + left > width for movement in moved):
        return [
            paint(number, BOLD),
            *(paint(line, tone) for movement, tone in tones.items() for line in wrapped(movement, width)),
        ]
    coloured = [paint(cleaned(movement), tone) for movement, tone in tones.items()]
    return [paint(number, BOLD) + " " * 3 + coloured[0], *(" " * left + movement for movement in coloured[1:])]


def _trend(answer: Answer, language: str, width: int, paint: Paint) -> str:
    """The sparkline with the periods of its ends; empty with fewer than two values."""
    # Half the width, for the names of both ends stand beside the bars.
    points = answer.trend[-width // 2 :]
    bars = sparkline([point.value for point in points])
    if not bars:
        return ""
    bars = "".join(
        (BREAK_MARK if starts_anew(answer.breaks, (point.period.start, point.period.end), points) else "") + bar
        for point, bar in zip(points, bars, strict=True)
    )
    ends = f"{axis_label(points[0].period, language)} – {axis_label(points[-1].period, language)}"
    return f"{bars}  {paint(ends, FAINT)}"


def terminal_list(  # noqa: PLR0913 - the catalogue, its health, and how the terminal shows it
    catalog: Catalog,
    unavailable: Mapping[str, Notice],
    language: str,
    incomplete: Mapping[str, Sequence[Finding]] | None = None,
    health: Health | None = None,
    *,
    colour: bool = False,
    width: int = WIDTH,
) -> str:
    """Every KPI by journey stage, those with incomplete data marked; why others cannot be computed; the sources."""
    paint = painter(colour=colour)
    from bot.cards.catalogue import by_stage, list_title, reasons_of, stage_name

    lines = [list_title(catalog, unavailable, language)]
    longest = max((columns_of(metric.id) for metric in catalog.kpis()), default=0)
    for stage, metrics in by_stage(catalog, unavailable):
        lines += ["", paint(stage_name(stage, language), BOLD)]
        lines += [
            cut(f"{_mark(metric, incomplete)} {padded(metric.id, longest)}  {cleaned(metric.name(language))}", width)
            for metric in metrics
        ]
    reasons = list(reasons_of(catalog, unavailable, language))
    if reasons:
        lines.append("")
    lines += [line for reason in reasons for line in wrapped(reason, width)]
    return "\n".join([*lines, *_health_lines(catalog, unavailable, incomplete or {}, health, language, width)])


def _mark(metric: Metric, incomplete: Mapping[str, Sequence[Finding]] | None) -> str:
    return "!" if incomplete and metric.id in incomplete else " "


def _health_lines(  # noqa: PLR0913, PLR0917 - the catalogue, its health, and how the terminal shows it
    catalog: Catalog,
    unavailable: Mapping[str, Notice],
    incomplete: Mapping[str, Sequence[Finding]],
    health: Health | None,
    language: str,
    width: int,
) -> Iterator[str]:
    """What makes KPIs incomplete, each with its KPIs; then how far the sources go."""
    touched: dict[Finding, list[str]] = {}
    for metric in catalog.kpis():
        for finding in incomplete.get(metric.id, ()) if metric.id not in unavailable else ():
            touched.setdefault(finding, []).append(metric.id)
    if touched:
        yield from ("", say(language, "catalogue.incomplete"))
    for finding, ids in touched.items():
        sentence = mended_text(finding, language)
        yield from wrapped(f"{', '.join(ids)}: {sentence}", width)
    if health is not None and health.sources:
        yield from ("", say(language, "catalogue.loaded"))
        for source in health.sources:
            yield from wrapped(next(source_lines(source, health, language)), width)


def terminal_explain(  # noqa: PLR0913 - the definition, and how the terminal shows it
    metric: Metric,
    catalog: Catalog,
    language: str,
    sql: Sequence[str] = (),
    *,
    colour: bool = False,
    width: int = WIDTH,
) -> str:
    """One definition in full."""
    from bot.cards.catalogue import explain_facts, explain_head

    paint = painter(colour=colour)
    name, about = explain_head(metric, language)
    lines = [
        paint(cleaned(name), BOLD),
        *(line for paragraph in about.split("\n") for line in wrapped(paragraph, width)),
    ]
    for heading, fact_lines in explain_facts(metric, catalog, language):
        lines += ["", paint(heading, BOLD)]
        lines += [line for fact_line in fact_lines for line in wrapped(fact_line, width, indent="  ")]
    for example in metric.examples[:1]:
        lines += ["", paint(say(language, "catalogue.example"), BOLD), *_example(example, metric, language, width)]
    for statement in sql:
        lines += ["", paint(say(language, "catalogue.sql"), BOLD)]
        lines += [line for part in statement.split("\n") for line in wrapped(part, width, indent="  ")]
    return "\n".join(lines)


def _example(example: WorkedExample, metric: Metric, language: str, width: int) -> Iterator[str]:
    """Small tables, the question, and what one can check by hand; amounts stand without a currency."""
    yield from wrapped(example.says, width, indent="  ") if example.says else ()
    for table, rows in example.tables.items():
        columns = tuple(dict.fromkeys(name for row in rows for name in row))
        figures = {
            n for n, name in enumerate(columns) if all(isinstance(row.get(name, 0), int | float) for row in rows)
        }
        cells = [["" if row.get(name) is None else str(row[name]) for name in columns] for row in rows]
        yield f"  {table}"
        yield from grid([columns, *cells], figures, width, indent="    ")
    # The tables of an example have no currency, so its value is printed without one.
    unit = "count" if metric.unit == "currency" else metric.unit
    value = amount_text(example.value, unit, "", language, "exact", duration_unit=metric.duration_unit)
    yield from wrapped(f"kpi ask {_quoted(example.ask)} → {value}", width, indent="  ")


def terminal_summary(summary: Summary, language: str, *, colour: bool = False, width: int = WIDTH) -> str:
    """A summary as its channel would read it."""
    from bot.cards.summary import spoken_acts, summary_words

    words = summary_words(summary, language)
    paint = painter(colour=colour)
    lines = [paint(line, BOLD) for line in wrapped(words.title, width)]
    head = " · ".join(part for part in (words.tally, words.basis) if part)
    lines += [paint(line, FAINT) for line in wrapped(head, width)] if head else []
    lines.append("")
    for number, moved in words.lines:
        lines += wrapped(f"{number}  {moved}".rstrip(), width)
    if summary.chart and (trend := _trend(summary.chart, language, width, paint)):
        lines += ["", f"{cleaned(summary.chart.metric.name(language))}  {trend}"]
    acts = spoken_acts(words)
    lines += ["", *(line for act in acts for line in wrapped(act, width))] if acts else []
    rest = [line for data_line in words.data for line in wrapped(data_line, width)]
    return "\n".join([*lines, "", *(paint(line, FAINT) for line in rest)] if rest else lines)


def terminal_error(error: KpiBotError, language: str, *, colour: bool = False, width: int = WIDTH) -> str:
    """What happened, what to do next, and the questions that would be answered."""
    message, hint = error_words(error, language)
    paint = painter(colour=colour)
    lines = [paint(line, BOLD) for part in message.split("\n") for line in wrapped(part, width)]
    lines += [line for part in hint.split("\n") for line in wrapped(part, width)] if hint else []
    return "\n".join([*lines, *(f"  kpi ask {_quoted(question)}" for question in error.suggestions)])


def sparkline(values: Sequence[float | None]) -> str:
    """A bar a value from the lowest to the highest, a gap for None; empty with fewer than two values."""
    numbers = [value for value in values if value is not None]
    if len(numbers) < 2:
        return ""
    low, high = min(numbers), max(numbers)
    # A level series lies in the middle: at the bottom it would look like nothing, at the top like a peak.
    if low == high:
        return "".join(_GAP if value is None else _BARS[3] for value in values)
    step = (high - low) / (len(_BARS) - 1)
    return "".join(_GAP if value is None else _BARS[round((value - low) / step)] for value in values)


def table_lines(table: Table, width: int, paint: Paint) -> list[str]:
    """Names left, figures right; columns that do not fit are left out from the right."""
    rows = [table.headings, *([cell.text for cell in row] for row in (*table.rows, table.total))]
    cells = [
        [cut(cleaned(text), MOST_NAME) if column < table.keys else cleaned(text) for column, text in enumerate(row)]
        for row in rows
    ]
    widths = [max(columns_of(row[column]) for row in cells) for column in range(len(table.headings))]
    # From the right, as the value stands next to the names; that column stays whatever the width.
    while sum(widths) + 2 * (len(widths) - 1) > width and len(widths) > table.keys + 1:
        widths.pop()
    drawn = [
        "  ".join(
            padded(text, size) if column < table.keys else padded(text, size, right=True)
            for column, (text, size) in enumerate(zip(row, widths, strict=False))
        ).rstrip()
        for row in cells
    ]
    rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
    return [paint(drawn[0], FAINT), *drawn[1:-1], paint(rule, FAINT), drawn[-1]]


def _quoted(question: str) -> str:
    # Within the quotes of a shell's argument.
    return '"' + question.replace('"', "'") + '"'
