"""A question for the values of a dimension, without a KPI: "channel last-month where device=mobile"."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from kpi_core.dates.calendars import Calendar
from kpi_core.errors import QuestionError
from kpi_core.metrics import Metric
from kpi_core.phrases import say
from kpi_core.query import DEFAULT_COMPARISONS, MembersQuery, MetricQuery
from kpi_core.questions.parse import parse_question
from kpi_core.questions.vocabulary import Vocabulary


def members_asked(
    words: str, vocabulary: Vocabulary, calendar: Calendar, today: date, metrics: Iterable[Metric]
) -> MembersQuery:
    """What the words ask. QuestionError where they name no dimension, or say more than dimension, period and filters.

    They are read beside a KPI that is split by nothing else, which then has no part in it.
    """
    beside = next((metric.id for metric in metrics if not metric.split), "")
    try:
        query = parse_question(f"{beside} by {words}", vocabulary, calendar, today)
    except QuestionError as error:
        raise _told(error) or _unread(words, vocabulary) from None
    if query.metric != beside or not query.dimensions or _says_more(query):
        raise _unread(words, vocabulary)
    # Without a period that of the KPI was taken, and said so: the values are those of all time.
    return MembersQuery(query.dimensions, query.filters, None if query.assumed else query.period)


def _told(error: QuestionError) -> QuestionError | None:
    """What was wrong with a period or a value; without others: the reader may have no part in them."""
    if error.code == "unknown_period":
        return QuestionError(error.message, code=error.code, hint=error.hint, params=error.params)
    if error.code != "unknown_value":
        return None
    params = {name: text for name, text in error.params.items() if not name.startswith("choices")}
    params["hint"] = "error.values_of_hint"
    hint = say("en", params["hint"], dimension=params.get("dimension", ""))
    return QuestionError(error.message, code=error.code, hint=hint, params=params)


def _says_more(query: MetricQuery) -> bool:
    ranked = query.top is not None or query.order is not None or query.grain is not None
    return ranked or query.comparisons != DEFAULT_COMPARISONS


def _unread(words: str, vocabulary: Vocabulary) -> QuestionError:
    shown = words.strip()[:80]
    known = ", ".join(list(vocabulary.dimension_names)[:12])
    params = {"words": shown, "known": known, "hint": "error.values_unread_hint"}
    return QuestionError(
        say("en", "error.values_unread", words=shown),
        code="values_unread",
        hint=say("en", "error.values_unread_hint", known=known),
        params=params,
    )
