"""The card in a terminal: the same lines in at most 100 columns, a sparkline for the chart, no colour unless asked.

Words from data lose their control characters: a campaign's name must not move the cursor or colour the screen.
"""

from __future__ import annotations

import textwrap
import unicodedata
from typing import TYPE_CHECKING

from wcwidth import wcswidth

from bot.cards.catalogue import by_stage, explain_facts, explain_head, list_title, reasons_of, stage_name
from bot.cards.lines import goal_line, headline, movements, receipt, title, warnings
from bot.cards.summary import spoken_acts, summary_words
from bot.cards.table import Table, breakdown_table
from kpi_core.formats import axis_label
from kpi_core.phrases import say
from kpi_core.question_errors import error_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kpi_core.answers import Answer
    from kpi_core.errors import KpiBotError
    from kpi_core.metrics import Catalog, Metric
    from kpi_core.phrases import Notice
    from kpi_core.summaries import Summary

WIDTH = 100
MOST_NAME = 40
"""Columns of a group's name; a longer one is cut."""
_BARS = "▁▂▃▄▅▆▇█"
_GAP = " "
_BOLD, _FAINT, _GOOD, _BAD, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[31m", "\x1b[0m"


def terminal_card(
    answer: Answer, language: str, *, colour: bool = False, width: int = WIDTH, catalog: Catalog | None = None
) -> str:
    """One answer: title, number, movement, goal, trend or table, receipt; no line longer than `width` columns."""
    paint = _painter(colour=colour)
    lines = [*_wrapped(title(answer, language, catalog), width), *_head(answer, language, width, paint)]
    lines += [line for said in warnings(answer, language) for line in _wrapped(said, width)]
    if goal := goal_line(answer, language):
        lines += _wrapped(goal, width)
    if table := breakdown_table(answer, language, catalog):
        lines += ["", *_table_lines(table, width, paint), ""]
    elif trend := _trend(answer, language, width, paint):
        lines.append(trend)
    if made_of := receipt(answer, language):
        lines += [paint(line, _FAINT) for line in _wrapped(made_of, width)]
    return "\n".join(lines)


def _head(answer: Answer, language: str, width: int, paint: _Paint) -> list[str]:
    """The number, the movements beside it, each in the colour of its verdict."""
    number = headline(answer, language)
    moved = movements(answer, language)
    if not moved:
        return [paint(number, _BOLD)]
    verdicts = [change.verdict for change in answer.comparisons if change.basis != "goal"]
    tones = [{"better": _GOOD, "worse": _BAD}.get(verdict or "", "") for verdict in verdicts]
    left = _columns(number) + 3
    if any(_columns(said) + left > width for said in moved):
        said_below = zip(moved, tones, strict=False)
        return [
            paint(number, _BOLD),
            *(paint(line, tone) for said, tone in said_below for line in _wrapped(said, width)),
        ]
    coloured = [paint(_clean(said), tone) for said, tone in zip(moved, tones, strict=False)]
    return [paint(number, _BOLD) + " " * 3 + coloured[0], *(" " * left + said for said in coloured[1:])]


def _trend(answer: Answer, language: str, width: int, paint: _Paint) -> str:
    """The sparkline with the periods of its ends; empty with fewer than two values."""
    points = answer.trend[-width // 2 :]
    bars = sparkline([point.value for point in points])
    if not bars:
        return ""
    ends = f"{axis_label(points[0].period, language)} – {axis_label(points[-1].period, language)}"
    return f"{bars}  {paint(ends, _FAINT)}"


def terminal_list(
    catalog: Catalog,
    unavailable: Mapping[str, Notice],
    language: str,
    *,
    colour: bool = False,
    width: int = WIDTH,
) -> str:
    """Every KPI by journey stage, then why others cannot be computed."""
    paint = _painter(colour=colour)
    lines = [list_title(catalog, unavailable, language)]
    longest = max((_columns(metric.id) for metric in catalog.kpis()), default=0)
    for stage, metrics in by_stage(catalog, unavailable):
        lines += ["", paint(stage_name(stage, language), _BOLD)]
        lines += [_cut(f"  {_padded(each.id, longest)}  {_clean(each.name(language))}", width) for each in metrics]
    reasons = list(reasons_of(catalog, unavailable, language))
    if reasons:
        lines.append("")
    return "\n".join([*lines, *(line for reason in reasons for line in _wrapped(reason, width))])


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
    paint = _painter(colour=colour)
    name, about = explain_head(metric, language)
    lines = [paint(_clean(name), _BOLD), *(line for said in about.split("\n") for line in _wrapped(said, width))]
    for heading, told in explain_facts(metric, catalog, language):
        lines += ["", paint(heading, _BOLD)]
        lines += [line for said in told for line in _wrapped(said, width, indent="  ")]
    for statement in sql:
        lines += ["", paint(say(language, "catalogue.sql"), _BOLD)]
        lines += [line for part in statement.split("\n") for line in _wrapped(part, width, indent="  ")]
    return "\n".join(lines)


def terminal_summary(summary: Summary, language: str, *, colour: bool = False, width: int = WIDTH) -> str:
    """A summary as its channel would read it."""
    words = summary_words(summary, language)
    paint = _painter(colour=colour)
    lines = [paint(line, _BOLD) for line in _wrapped(words.title, width)]
    head = " · ".join(part for part in (words.tally, words.basis) if part)
    lines += [paint(line, _FAINT) for line in _wrapped(head, width)] if head else []
    lines.append("")
    for number, moved in words.lines:
        lines += _wrapped(f"{number}  {moved}".rstrip(), width)
    if summary.chart and (trend := _trend(summary.chart, language, width, paint)):
        lines += ["", f"{_clean(summary.chart.metric.name(language))}  {trend}"]
    acts = spoken_acts(words)
    lines += ["", *(line for said in acts for line in _wrapped(said, width))] if acts else []
    rest = [line for said in words.data for line in _wrapped(said, width)]
    return "\n".join([*lines, "", *(paint(line, _FAINT) for line in rest)] if rest else lines)


def terminal_error(error: KpiBotError, language: str, *, colour: bool = False, width: int = WIDTH) -> str:
    """What happened, what to do next, and the questions that would be answered."""
    message, hint = error_words(error, language)
    paint = _painter(colour=colour)
    lines = [paint(line, _BOLD) for part in message.split("\n") for line in _wrapped(part, width)]
    lines += [line for part in hint.split("\n") for line in _wrapped(part, width)] if hint else []
    return "\n".join([*lines, *(f"  kpi ask {_quoted(each)}" for each in error.suggestions)])


def sparkline(values: Sequence[float | None]) -> str:
    """A bar a value from the lowest to the highest, a gap for None; empty with fewer than two values."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    if low == high:
        return "".join(_GAP if value is None else _BARS[3] for value in values)
    step = (high - low) / (len(_BARS) - 1)
    return "".join(_GAP if value is None else _BARS[round((value - low) / step)] for value in values)


def _table_lines(table: Table, width: int, paint: _Paint) -> list[str]:
    """Names left, figures right; columns that do not fit are left out from the right."""
    rows = [table.headings, *([cell.text for cell in row] for row in (*table.rows, table.total))]
    cells = [
        [_cut(_clean(text), MOST_NAME) if column < table.keys else _clean(text) for column, text in enumerate(row)]
        for row in rows
    ]
    widths = [max(_columns(row[column]) for row in cells) for column in range(len(table.headings))]
    while sum(widths) + 2 * (len(widths) - 1) > width and len(widths) > table.keys + 1:
        widths.pop()
    drawn = [
        "  ".join(
            _padded(text, size) if column < table.keys else _padded(text, size, right=True)
            for column, (text, size) in enumerate(zip(row, widths, strict=False))
        ).rstrip()
        for row in cells
    ]
    rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
    return [paint(drawn[0], _FAINT), *drawn[1:-1], paint(rule, _FAINT), drawn[-1]]


class _Paint:
    """Colours a text, or leaves it as it is."""

    def __init__(self, *, colour: bool) -> None:
        self._colour = colour

    def __call__(self, text: str, tone: str) -> str:
        return f"{tone}{text}{_PLAIN}" if self._colour and tone else text


def _painter(*, colour: bool) -> _Paint:
    return _Paint(colour=colour)


def _wrapped(text: str, width: int, indent: str = "") -> Iterable[str]:
    """Lines of at most `width` columns; CJK letters take two."""
    text = _clean(text)
    if _columns(text) + len(indent) <= width:
        return [indent + text]
    if text.isascii():
        return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent)
    return _wrapped_wide(text, width, indent)


def _wrapped_wide(text: str, width: int, indent: str) -> list[str]:
    lines, line = [], indent
    for word in _words(text):
        if _columns(line + word.rstrip()) > width and line.strip():
            lines.append(line.rstrip())
            line = indent
        line += word.lstrip() if line == indent else word
    return [*lines, line.rstrip()]


def _words(text: str) -> list[str]:
    """Where a line may break: after a space, and after any Chinese letter."""
    words, word = [], ""
    for letter in text:
        word += letter
        if letter == " " or (unicodedata.east_asian_width(letter) in "WF" and not _is_hangul(letter)):
            words.append(word)
            word = ""
    return [*words, word] if word else words


def _is_hangul(letter: str) -> bool:
    return "가" <= letter <= "힣"


def _cut(text: str, most: int) -> str:
    if _columns(text) <= most:
        return text
    while _columns(text) > most - 1:
        text = text[:-1]
    return text + "…"


def _padded(text: str, columns: int, *, right: bool = False) -> str:
    space = " " * max(0, columns - _columns(text))
    return space + text if right else text + space


def _columns(text: str) -> int:
    width = wcswidth(text)
    return width if width >= 0 else len(text)


def _clean(text: str) -> str:
    """Without what a terminal would obey rather than show."""
    return "".join(" " if unicodedata.category(letter) in {"Cc", "Cf", "Zl", "Zp"} else letter for letter in text)


def _quoted(question: str) -> str:
    return '"' + question.replace('"', "'") + '"'
