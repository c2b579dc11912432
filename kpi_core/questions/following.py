"""A question that goes on from the one before it: "and by region?", 그럼 지역별로는?, 只看手機."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Literal

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period, previous, year_ago
from kpi_core.errors import QuestionError
from kpi_core.phrases import Notice
from kpi_core.query import DEFAULT_COMPARISONS, Comparison, Filter, MetricQuery
from kpi_core.questions.intents.asking_normal import asks_if_that_is_normal
from kpi_core.questions.intents.definition_words import kpi_to_explain
from kpi_core.questions.intents.spoken import spoken
from kpi_core.questions.parse import parse_question
from kpi_core.questions.spelled import period_words, question_of
from kpi_core.questions.vocabulary import Vocabulary
from kpi_core.questions.wording import wording
from kpi_core.questions.words import word_parts

Continued = Literal["question", "why", "explain", "normal"]
_THAT = re.compile(r"(?:it|that|this|그거|그게|이거|이게|그건|이건|那個?|這個?|它)?(?:은|는|이|가)?")
_OWN = frozenset({"help", "ambiguous", "too_much", "empty_question"})
"""Errors of a text that asks for something by itself."""
_UNASKED = "reading.spelt"
_MOST_YEARS = 20


def follow(
    before: MetricQuery, text: str, vocabulary: Vocabulary, calendar: Calendar, today: date
) -> tuple[Continued, MetricQuery]:
    """What a text asks after a question, and of what: what it does not say is as before, and the answer says so.

    A text with a KPI and a period stands by itself. QuestionError where it can be read neither way.
    """
    heard = spoken(text, calendar, today)
    about_that = heard.intent == "explain" and _THAT.fullmatch(heard.words.strip().casefold())
    # The words of a definition, and no name.
    if about_that or kpi_to_explain(text) == "":
        return "explain", before
    if asks_if_that_is_normal(text):
        return "normal", before
    asked: Continued = "why" if heard.intent in {"why", "changes"} else "question"
    if heard.intent == "question" and _is_why(text):
        return "why", before
    words = heard.words if heard.intent == "why" else text
    query = _Following(before, vocabulary, calendar, today).query(words)
    return ("explain" if heard.intent == "explain" else asked), replace(query, question=text.strip())


def _is_why(text: str) -> bool:
    """Why, and not a word more."""
    from kpi_core.questions.intents.asking_why import asks_why, without_why

    return asks_why(text) and not without_why(text)


class _Following:
    """One text being read after a question."""

    def __init__(self, before: MetricQuery, vocabulary: Vocabulary, calendar: Calendar, today: date) -> None:
        self._before, self._vocabulary = before, vocabulary
        self._calendar, self._today = calendar, today

    def query(self, text: str) -> MetricQuery:
        try:
            whole = self._read(text)
        except QuestionError as error:
            if error.code in _OWN:
                raise
            return self._continued(self._fragment(text), text)
        return whole if _names_period(whole) else self._continued(whole, text)

    def _read(self, text: str) -> MetricQuery:
        return parse_question(text, self._vocabulary, self._calendar, self._today)

    def _fragment(self, text: str) -> MetricQuery:
        """A text without a KPI, read as if the one before stood in it; a rank needs the split before as well."""
        kpi, split = self._before.metric, self._before.dimensions
        try:
            return self._read(f"{kpi} {text}")
        except QuestionError as error:
            # A rank needs what is ranked as well: the groups of the split, or the months of the period.
            days = period_words(self._before.period, over=True)
            beside = [f"{kpi} by {', '.join(split)} {text}"] if split else [f"{kpi} {days} {text}"]
            for question in beside:
                with suppress(QuestionError):
                    return self._read(question)
            raise error from None

    def _continued(self, new: MetricQuery, text: str) -> MetricQuery:
        before = self._before
        period = self._period(new, text)
        comparisons = new.comparisons
        if comparisons == DEFAULT_COMPARISONS and not any(each.period for each in before.comparisons):
            comparisons = before.comparisons
        filters = _filters(before, new)
        dimensions = _dimensions(before, new)
        same_split = dimensions == before.dimensions
        ranked = (new.top, new.order) if new.top or new.order else (before.top, before.order)
        top, order = ranked if new.top or new.order or same_split else (None, None)
        query = MetricQuery(
            metric=new.metric,
            period=period,
            comparisons=_fitting(comparisons),
            dimensions=dimensions,
            filters=filters,
            top=top if dimensions or new.grain else None,
            order=order if dimensions or new.grain else None,
            bounds=new.bounds or (before.bounds if same_split and new.metric == before.metric else ()),
            grain=new.grain or before.grain,
            cut_by=new.cut_by if new.grain else before.cut_by,
        )
        told = Notice("reading.continued", {"question": question_of(query, over=period.end <= self._today)})
        spelt = tuple(notice for notice in new.assumed if notice.key == _UNASKED)
        return replace(query, assumed=(told, *spelt))

    def _period(self, new: MetricQuery, text: str) -> Period:
        before = self._before.period
        words = wording(text)
        parts = [part for _start, _end, part in word_parts(words.text, words.breaks)]
        earlier = new.comparisons == DEFAULT_COMPARISONS and {"unit_before", "before"} & {part.kind for part in parts}
        if not _names_period(new):
            return previous(before, self._calendar) if earlier else before
        # After October "the previous month" is September, whatever day it is.
        if earlier and any(part.kind == "unit_before" and part.grain == before.grain for part in parts):
            return previous(before, self._calendar)
        same = any(part.kind == "year_ago" and part.grain == before.grain for part in parts)
        # After last week "the same week last year" is that one's partner.
        if same and before.grain != "year":
            return year_ago(before, self._calendar)
        years = self._today.year - new.period.start.year if new.period.grain == "year" else 0
        if years < 1 or before.grain == "year" or new.period.to_date:
            return new.period
        # "And last year?" after October is October of last year, and 前年 that of the year before.
        for _year in range(min(years, _MOST_YEARS)):
            before = year_ago(before, self._calendar)
        return before


def _names_period(query: MetricQuery) -> bool:
    return all(notice.key == _UNASKED for notice in query.assumed)


def _filters(before: MetricQuery, new: MetricQuery) -> tuple[Filter, ...]:
    """Those before, but for what the new words narrow or split anew."""
    anew = {clause.dimension for clause in new.filters} | (set(new.dimensions) - set(before.dimensions))
    return (*(clause for clause in before.filters if clause.dimension not in anew), *new.filters)


def _dimensions(before: MetricQuery, new: MetricQuery) -> tuple[str, ...]:
    narrowed = {clause.dimension for clause in new.filters if len(clause.values) == 1 and not clause.excludes}
    return new.dimensions or tuple(each for each in before.dimensions if each not in narrowed)


def _fitting(comparisons: tuple[Comparison, ...]) -> tuple[Comparison, ...]:
    return comparisons or DEFAULT_COMPARISONS
