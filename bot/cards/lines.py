"""The lines of an answer in plain text, the same in Slack and in the terminal: title, movement, goal, receipt."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kpi_core.answers import BESIDE_A_NUMBER
from kpi_core.formats.findings import finding_text, mend_text
from kpi_core.formats.goals.goal_words import prospect_lines
from kpi_core.formats.movements import base_text, comparison_text
from kpi_core.formats.notices import dimension_name, notice_text, part_name
from kpi_core.formats.numbers import amount_text, gap_text, outcome_text, told_apart, value_text
from kpi_core.formats.periods import date_text, period_label
from kpi_core.phrases import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from kpi_core.answers import Answer, GoalState, HealthNote, Verdict
    from kpi_core.metrics import Catalog
    from kpi_core.phrases import Notice

_PIECES = re.compile(r"([A-Za-z_]\w*)|([^A-Za-z_]+)")
_SIGN = re.compile(r"[/*+-]")
SIGNS = str.maketrans({"/": "÷", "*": "×", "-": "−"})
_CENTS_BELOW = 1000
"""An amount from here on is said without cents."""
_MOST_SOURCES = 2
"""So many sources are named on a card; more than that and nobody reads them."""
_NOT_ON_CARDS = {"days_in_two_files", "days_in_two_sources"}
"""What overlaps and counts once is told by the load."""
_LATE = {"source_late", "source_stale"}
_TARGET_WORDS = {"lower": "goal.at_most", "higher": "goal.at_least", "neutral": "goal.about"}


def title(answer: Answer, language: str, catalog: Catalog | None = None) -> str:
    """What the number is: KPI, period, and the part of the data that was asked for."""
    period = period_label(answer.query.period, language)
    through = answer.freshness.data_through
    # A period after the newest data has no part yet that the number could be "so far".
    if not answer.complete and (through is None or answer.query.period.start <= through):
        period = say(language, "card.so_far", period=period)
    subject = say(language, "card.title", name=answer.metric.name(language), period=period)
    return " · ".join([subject, *filters_of(answer, language, catalog), *_split(answer, language, catalog)])


def _split(answer: Answer, language: str, catalog: Catalog | None) -> list[str]:
    names = [dimension_name(dimension, language, catalog) for dimension in answer.query.dimensions]
    split = [say(language, "card.split", dimension=f" {say(language, 'card.and')} ".join(names))] if names else []
    limits = (
        (bound.kind, value_text(bound.limit, answer.metric, answer.currency, language, "exact"))
        for bound in answer.query.bounds
    )
    return [*split, *(say(language, f"card.bound.{kind}", value=limit) for kind, limit in limits)]


def headline(answer: Answer, language: str) -> str:
    """The value, in as many digits as tell it from its goal."""
    if answer.goal is not None and answer.goal.asked and answer.value is not None:
        number = told_apart(answer.value, answer.goal.target, answer.metric, answer.currency, language)[0]
    else:
        number = outcome_text(answer.value, answer.parts, answer.metric, answer.currency, language)
    settled = maturity_text(answer, language)
    return say(language, "maturity.beside", number=number, settled=settled) if settled else number


def maturity_text(answer: Answer, language: str) -> str:
    """How far the number has settled: "81% settled; expect $11,600 to $12,100"; empty where it has."""
    maturity = answer.maturity
    if maturity is None:
        return ""
    # Rounded down, for what is not wholly in is not 100 %.
    share = say(language, "value.percent", number=str(math.floor(100 * maturity.share)))
    if maturity.low is None or maturity.high is None:
        return say(language, "maturity.open", share=share, day=_near_date(maturity.until, answer, language))
    low, high = (value_text(end, answer.metric, answer.currency, language) for end in (maturity.low, maturity.high))
    return say(language, "maturity.expected", share=share, low=low, high=high)


def movements(answer: Answer, language: str) -> dict[str, Verdict | None]:
    """How the number moved, one line a comparison, each with its verdict; what says the same as another says it once.

    Without a number there are none: the warnings say why, and what it would be held against stands alone.
    """
    if answer.value is None:
        bases = (base_text(change, answer.metric, language, answer.currency) for change in answer.comparisons)
        return dict.fromkeys([base for base in bases if base is not None][:1])
    return {
        comparison_text(change, answer.metric, language, answer.currency, answer.query.period): change.verdict
        for change in answer.comparisons
        if change.basis != "goal"
    } | dict.fromkeys(_best_units(answer, language))


def _best_units(answer: Answer, language: str) -> list[str]:
    """Which month, week or day of the asked period was the best, with its value; none where nobody asked."""
    query = answer.query
    # A course that begins later has lost its first units.
    if query.dimensions or not query.order or not answer.trend or answer.trend[0].period.start > query.period.start:
        return []
    # A unit that is not over may become anything.
    units = [
        (point.value, point.period)
        for point in answer.trend
        if point.value is not None
        and point.complete
        and query.period.start <= point.period.start < point.period.end <= query.period.end
    ]
    lower = answer.metric.direction == "lower"
    lowest = query.order == "least" or (query.order == "best" and lower) or (query.order == "worst" and not lower)
    units.sort(key=lambda unit: unit[0], reverse=not lowest)
    named = [
        f"{period_label(period, language)}, {value_text(value, answer.metric, answer.currency, language)}"
        for value, period in units[: query.top or 1]
    ]
    return [say(language, f"card.unit_{query.order}", units=" · ".join(named))] if named else []


def goal_line(answer: Answer, language: str) -> str | None:
    """The goal, the asked period beside it, and how it stands now with what that is measured over; no owner.

    Such as "Goal: at most $40.0 by 31 Dec · $1.3 over · not reached · November 2026 so far $38.2: on track · lands at
    $38.9 ($37.0 to $40.8), 76% likely".
    """
    goal = answer.goal
    if goal is None:
        return None
    target = value_text(goal.target, answer.metric, answer.currency, language)
    if answer.value is not None and goal.asked:
        target = told_apart(answer.value, goal.target, answer.metric, answer.currency, language)[1]
    words = say(language, _TARGET_WORDS[answer.metric.direction], target=target)
    if goal.per:
        words = say(language, f"goal.per_{goal.per}", target=words)
    day = _near_date(goal.by, answer, language)
    ahead = prospect_lines(goal, answer.metric, answer.currency, language)
    line = [say(language, "goal.line", target=words, day=day), *_stands(goal, answer, language), *ahead]
    return " · ".join(part for part in line if part)


def goal_now(goal: GoalState, answer: Answer, language: str) -> tuple[str, str, str]:
    """The period that a goal stands by, the value there (empty without one), and the status."""
    period = period_label(goal.period, language)
    if not goal.complete:
        period = say(language, "card.so_far", period=period)
    value = ""
    if goal.value is not None:
        value = told_apart(goal.value, goal.target, answer.metric, answer.currency, language)[0]
    return period, value, say(language, f"goal.{goal.status}")


def _stands(goal: GoalState, answer: Answer, language: str) -> Iterator[str]:
    if goal.period == answer.query.period:
        yield _gap(goal.gap, goal, answer, language)
        if goal.status != "no_data":
            yield say(language, f"goal.{goal.status}")
        return
    if goal.asked:
        yield _gap(goal.asked.gap, goal, answer, language)
        if goal.asked.reached is not None:
            yield say(language, "goal.reached" if goal.asked.reached else "goal.not_reached")
    period, value, status = goal_now(goal, answer, language)
    yield say(language, "goal.now_at" if value else "goal.now", period=period, value=value, status=status)


def receipt(answer: Answer, language: str) -> str:
    """What the number is made of and how far the data goes; empty without data."""
    through = answer.freshness.data_through
    data = say(language, "card.through", day=_near_date(through, answer, language)) if through else ""
    return " · ".join(part for part in (formula_in_words(answer, language), vat_line(answer, language), data) if part)


def vat_line(answer: Answer, language: str) -> str:
    """Whether VAT is in the amounts, by source where they differ: "shop with VAT, naver without"; empty if unknown."""
    if not answer.vat:
        return ""
    if len(set(answer.vat.values())) == 1:
        return say(language, f"vat.{next(iter(answer.vat.values()))}", source=", ".join(answer.vat))
    return ", ".join(say(language, f"vat.{basis}", source=source) for source, basis in answer.vat.items())


def formula_in_words(answer: Answer, language: str) -> str:
    """The formula with its amounts, "Spend $12,381 ÷ 300 new customers"; empty where the KPI is one measure."""
    formula = answer.definition.formula
    if not _SIGN.search(formula) or all(value is None for value in answer.parts.values()):
        return ""
    words = ""
    for name, between in _PIECES.findall(formula):
        words += _amount(name, answer, language) if name else between.translate(SIGNS)
    return words[:1].upper() + words[1:]


def warnings(answer: Answer, language: str) -> list[str]:
    """What must be known beside the number; that it is "so far" stands in the title already."""
    # A source that is named as late says it better than the day alone.
    named = any(note.finding.code in _LATE and note.scope in BESIDE_A_NUMBER for note in answer.health)
    unsaid = {"warning.incomplete", *({"warning.stale"} if named else ())}
    notices = [warning for warning in answer.warnings if warning.key not in unsaid]
    sentences = [notice_text(warning, language, answer.metric) for warning in _together(notices)]
    assumed = [notice_text(notice, language, answer.metric) for notice in answer.query.assumed]
    return [*sentences, *health_lines(answer.health, language), *assumed]


def health_lines(notes: Iterable[HealthNote], language: str) -> list[str]:
    """What is wrong with the data of the days that are shown, and what to do: the gravest of each source, two at most.

    What only the course or the years before rest on stays out of the card; `--json` has all of it.
    """
    gravest: dict[str, HealthNote] = {}
    # What withholds a verdict comes before what only ought to be mended.
    for note in sorted(notes, key=lambda each: not each.incomplete):
        if note.scope in BESIDE_A_NUMBER and note.finding.code not in _NOT_ON_CARDS:
            gravest.setdefault(note.finding.source, note)
    lines = [
        say(language, "card.health", what=finding_text(note.finding, language), mend=mend_text(note.finding, language))
        for note in list(gravest.values())[:_MOST_SOURCES]
    ]
    if len(gravest) > _MOST_SOURCES:
        lines.append(say(language, "card.more_sources", count=len(gravest) - _MOST_SOURCES))
    return lines


def _together(notices: Iterable[Notice]) -> list[Notice]:
    """Several tables that run over the same days are said in one sentence."""
    merged: dict[object, Notice] = {}
    for number, notice in enumerate(notices):
        days = (notice.params.get("first"), notice.params.get("last"))
        # What is not to be put together gets a key that nothing else has.
        same: object = days if notice.key == "warning.outside_coverage" else number
        if same in merged:
            tables = f"{merged[same].params['table']}, {notice.params['table']}"
            merged[same] = replace(notice, params={**notice.params, "table": tables})
        else:
            merged[same] = notice
    return list(merged.values())


def group_name(key: str | None, folded: int, language: str) -> str:
    """A value of a dimension as people see it: names from data stand as they are."""
    if folded:
        return say(language, "value.other", count=f"{folded:,}")
    return say(language, "value.none") if key is None or not key.strip() else key


def filters_of(answer: Answer, language: str, catalog: Catalog | None = None) -> list[str]:
    """The part of the data that was asked for, one piece a filter: "channel search", "without channel social"."""
    return [
        say(
            language,
            "card.where_not" if condition.excludes else "card.where",
            dimension=dimension_name(condition.dimension, language, catalog),
            values=", ".join(group_name(value, 0, language) for value in condition.values),
        )
        for condition in answer.query.filters
    ]


def _gap(gap: float | None, goal: GoalState, answer: Answer, language: str) -> str:
    if not gap:
        return ""
    key = "goal.over" if gap > 0 else "goal.under"
    return say(language, key, gap=gap_text(gap, goal.target, answer.metric, answer.currency, language))


def _near_date(day: date, answer: Answer, language: str) -> str:
    """Without its year where that is the year of the period."""
    return date_text(day, language, year=day.year != answer.query.period.last_day.year, short=True)


def _amount(name: str, answer: Answer, language: str) -> str:
    if name not in answer.parts:
        return name.replace("_", " ")
    metric_input = answer.metric.inputs.get(name)
    unit = metric_input.unit if metric_input else "count"
    value = answer.parts[name]
    if unit == "currency" and value is not None and abs(value) >= _CENTS_BELOW:
        value = round(value)
    amount = amount_text(value, unit, answer.currency, language, "exact")
    key = "card.part_count" if unit == "count" else "card.part_amount"
    return say(language, key, name=part_name(name, answer.metric, language), value=amount)
