"""What each tool replies, through the door of whoever asks: numbers with their receipts, choices, or what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

from bot.assistants.fitting import MOST_LIST_TOKENS, MOST_TOKENS, fitted, short
from bot.cards.answer import answer_card
from bot.cards.budgets import budgets_card
from bot.cards.dimension_values import members_card
from bot.cards.reasons.band import band_card
from bot.cards.reasons.movers import changes_card
from bot.cards.reasons.truth_lines import truths_card
from bot.cards.reasons.why import why_lines
from kpi_core.alerts.scopes import scope_of
from kpi_core.alerts.usual_band import since_of, usual_band
from kpi_core.errors import QuestionError
from kpi_core.formats.answer_json import goal_json
from kpi_core.formats.findings import finding_text
from kpi_core.formats.notices import notice_text
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import localized
from kpi_core.questions.errors import error_words
from kpi_core.questions.intents.asking_why import without_why
from kpi_core.questions.intents.spoken import spoken
from kpi_core.reasons.movers import what_changed
from kpi_core.reasons.three_truths import three_truths
from kpi_core.reasons.why import explained
from kpi_core.review.budget_review import reviewed_budgets
from kpi_core.review.goal_review import reviewed_goals

if TYPE_CHECKING:
    from kpi_core.access.doorway import Door
    from kpi_core.answers import Answer
    from kpi_core.dates.periods import Period
    from kpi_core.metrics import Language, Metric
    from kpi_core.query import MetricQuery

MOST_CHOICES, MOST_WARNINGS = 8, 10
LONGEST_TEXT = 1_500
LONGEST_PART = 240
"""Characters of a definition's sentence."""
Json = dict[str, Any]


@frozen
class Asker:
    """The door of whoever asks, the present instant, and the language of the reply."""

    door: Door
    now: datetime
    language: Language


def reply(name: str, arguments: Mapping[str, str], asker: Asker) -> Json:
    """The reply of a tool. KpiBotError where there is nothing to choose from either."""
    tool: Callable[[Mapping[str, str], Asker], Json] = _TOOLS[name]
    try:
        return tool(arguments, asker)
    except QuestionError as error:
        if not error.suggestions:
            raise
        return _choices(error, asker.language)


def _choices(error: QuestionError, language: Language) -> Json:
    """Several readings, or none: what could be asked instead, each a whole question."""
    message, hint = error_words(error, language)
    choices = [short(question, 200) for question in error.suggestions[:MOST_CHOICES]]
    return fitted({"asks_back": message, "hint": hint, "choices": choices}, "choices")


def _ask(arguments: Mapping[str, str], asker: Asker) -> Json:
    words, door = arguments["question"], asker.door
    heard = spoken(words, door.settings.calendar, door.today(asker.now))
    match heard.intent:
        case "list" | "goals":
            return (_list if heard.intent == "list" else _goals)({}, asker)
        case "explain":
            return _explain({"kpi": heard.words}, asker)
        case "why":
            return _why({"question": heard.words}, asker)
        case "budgets" | "changes" | "values":
            return _values(heard.words, asker) if heard.intent == "values" else _overall(heard.period, asker)
    query = door.question(heard.words, asker.now)
    if heard.intent == "truths":
        return _truths(query, asker)
    return _normal(query, asker) if heard.intent == "normal" else _number(door.answer(query, asker.now), asker)


def _values(words: str, asker: Asker) -> Json:
    """The values of a dimension, as far as a message has room for them."""
    card = members_card(asker.door.members(words, asker.now), asker.language, asker.door.catalog)
    return {"says": unescape(card.text)[:LONGEST_TEXT], "receipt": _standing(asker)}


def _overall(period: Period | None, asker: Asker) -> Json:
    """What moved in a period; without one, how the budgets run."""
    door, now = asker.door, asker.now
    if period is None:
        card = budgets_card(reviewed_budgets(door, now), door.settings.currency, asker.language)
    else:
        missing = door.unavailable_kpis()
        moved = what_changed(lambda queries: door.answers(queries, now), door.catalog, missing, period)
        card = changes_card(moved, asker.language)
    return {"says": unescape(card.text)[:LONGEST_TEXT], "receipt": _standing(asker)}


def _number(answer: Answer, asker: Asker) -> Json:
    """One answer: in words, and its figures at full precision; amounts of a formula stand in the receipt."""
    metric, query = answer.metric, answer.query
    rows: list[Json] = [
        {**dict(zip(query.dimensions, map(_name, row.keys), strict=True)), "value": row.value}
        for row in answer.breakdown or ()
    ]
    document: Json = {
        "says": unescape(answer_card(answer, asker.language, asker.door.catalog).text)[:LONGEST_TEXT],
        "kpi": metric.id,
        "value": answer.value,
        "unit": metric.unit,
        "currency": answer.currency if metric.unit == "currency" else None,
        "period": _days(answer),
        "comparisons": [
            {"basis": change.basis, "value": change.value, "change": change.change, "verdict": change.verdict}
            for change in answer.comparisons
        ],
        "rows": rows,
        "receipt": _receipt(answer, asker.language),
    }
    return fitted(
        {key: value for key, value in document.items() if value not in (None, [])} | {"value": answer.value}, "rows"
    )


def _days(answer: Answer) -> Json:
    """First and last day; whether all of it is over and in."""
    period = answer.query.period
    last = period.end - timedelta(days=1)
    return {"first": period.start.isoformat(), "last": last.isoformat(), "complete": answer.complete}


def _receipt(answer: Answer, language: Language) -> Json:
    """By which definition, from which amounts, through which day: what a doubt is held against."""
    definition, fresh = answer.definition, answer.freshness
    return {
        "definition": definition.version,
        "formula": definition.formula,
        "amounts": dict(answer.parts),
        "where": {
            f"not {condition.dimension}" if condition.excludes else condition.dimension: [
                _name(value) for value in condition.values
            ][:10]
            for condition in answer.query.filters
        },
        "data_through": fresh.data_through.isoformat() if fresh.data_through else None,
        "stale": fresh.stale,
        "warnings": [
            *(notice_text(warning, language, answer.metric) for warning in answer.warnings),
            *(finding_text(note.finding, language) for note in answer.health),
        ][:MOST_WARNINGS],
    }


def _name(value: str | None) -> str | None:
    return None if value is None else short(value)


def _normal(query: MetricQuery, asker: Asker) -> Json:
    door, now = asker.door, asker.now
    since = min(query.period.end, door.today(now)) - since_of(query)
    band = usual_band(query, scope_of(door, since, now))
    words = unescape(band_card(band, asker.language, door.catalog).text)
    receipt = _receipt(band.answer, asker.language)
    return {"says": words[:LONGEST_TEXT], "kpi": query.metric, "receipt": receipt}


def _truths(query: MetricQuery, asker: Asker) -> Json:
    door, now = asker.door, asker.now
    truths = three_truths(lambda queries: door.answers(queries, now), door.may_see, query)
    words = unescape(truths_card(truths, asker.language, door.catalog).text)
    return {"says": words[:LONGEST_TEXT], "kpi": query.metric, "receipt": _receipt(truths.claimed, asker.language)}


def _standing(asker: Asker) -> Json:
    """Of replies about many KPIs: as of when, and the newest day of any data."""
    # A budget reaches into days that have yet to come, which says nothing of how fresh the data is.
    lasts = [reach.last for reach in asker.door.coverage(asker.now).values() if reach.last is not None]
    newest = [last for last in lasts if last <= asker.door.today(asker.now)]
    return {
        "as_of": asker.now.isoformat(timespec="minutes"),
        "newest_data": max(newest).isoformat() if newest else None,
    }


def _list(arguments: Mapping[str, str], asker: Asker) -> Json:
    """By stage, `id = name`; a name that says the same as the id is left out."""
    missing, search = asker.door.unavailable_kpis(), arguments.get("search", "").casefold().strip()
    kpis = [metric for metric in asker.door.catalog.kpis() if search in _all_names(metric)]
    lines = [f"{metric.stage}: {_entry(metric, asker.language)}" for metric in kpis if metric.id not in missing]
    without = [metric.id for metric in kpis if metric.id in missing]
    document: Json = {"kpis": _by_stage(lines), "without_data": " ".join(without), "receipt": _standing(asker)}
    if not kpis:
        document["hint"] = "Nothing contains these words; call it without search."
    return _list_fitted(document)


def _by_stage(lines: Sequence[str]) -> list[str]:
    """One text a stage."""
    stages: dict[str, list[str]] = {}
    for line in lines:
        stage, _colon, entry = line.partition(": ")
        stages.setdefault(stage, []).append(entry)
    return [f"{stage}: {'; '.join(entries)}" for stage, entries in stages.items()]


def _list_fitted(document: Json) -> Json:
    """Whole where it fits; else without names, since an id can be asked for as well."""
    if fitted(document, "kpis", MOST_LIST_TOKENS) is document:
        return document
    bare = [
        f"{stage}: {'; '.join(entry.partition(' = ')[0] for entry in entries.split('; '))}"
        for stage, _c, entries in (line.partition(": ") for line in document["kpis"])
    ]
    return fitted(document | {"kpis": bare, "hint": "Names: call it with search."}, "kpis", MOST_LIST_TOKENS)


def _entry(metric: Metric, language: Language) -> str:
    name = metric.name(language)
    return metric.id if name.casefold().replace(" ", "_").replace("-", "_") == metric.id else f"{metric.id} = {name}"


def _all_names(metric: Metric) -> str:
    return " ".join([metric.id, *metric.names.values(), *metric.aliases]).casefold()


def _explain(arguments: Mapping[str, str], asker: Asker) -> Json:
    """What a definition says in words; by which tables it is counted is the operator's."""
    door, language = asker.door, asker.language
    query = door.question(arguments["kpi"], asker.now)
    door.require(query.metric)
    metric = door.catalog.metrics[query.metric]
    answer = door.answer(query, asker.now)
    document: Json = {
        "kpi": metric.id,
        "name": metric.name(language),
        "means": _part(localized(metric.description, language)),
        "formula": metric.formula,
        "reading": _part(localized(metric.reading, language)),
        "unit": metric.unit,
        "good_is": metric.direction,
        "traps": [_part(localized(trap, language)) for trap in metric.traps[:4]],
        "variants": [name for name in metric.variants if name in door.catalog.metrics],
        "when_it_moves": _part(localized(metric.playbook, language)),
        "receipt": _receipt(answer, language),
    }
    return fitted({key: value for key, value in document.items() if value}, "traps", MOST_TOKENS)


def _part(text: str | None) -> str:
    return short(text or "", LONGEST_PART)


def _why(arguments: Mapping[str, str], asker: Asker) -> Json:
    door, now = asker.door, asker.now
    query = door.question(without_why(arguments["question"]) or arguments["question"], now)
    door.require(query.metric)
    why = explained(lambda queries: door.answers(queries, now), query, door.vocabulary().splits_of(query.metric))
    split = why.splits[0] if why.splits else None
    document: Json = {
        "says": "\n".join(why_lines(why, asker.language, door.catalog))[:LONGEST_TEXT],
        "kpi": query.metric,
        "value": why.change.current,
        "before": why.change.value,
        "change": why.change.change,
        "by": split.dimension if split else None,
        "rows": [
            {"name": _name(reason.name), "effect": reason.effect, **({"of": reason.folded} if reason.folded else {})}
            for reason in (split.reasons if split else ())
        ],
        "receipt": _receipt(why.answer, asker.language),
    }
    return fitted(document, "rows")


def _goals(_arguments: Mapping[str, str], asker: Asker) -> Json:
    door, language = asker.door, asker.language
    rows: list[Json] = []
    for reviewed in reviewed_goals(door, door.goals(), asker.now):
        goal = {
            "kpi": reviewed.goal.kpi,
            "target": reviewed.goal.target,
            "by": reviewed.goal.by.isoformat(),
            "owner": reviewed.goal.owner,
        }
        where = {name: short(str(value)) for name, value in reviewed.goal.where.items()}
        stands = goal_json(reviewed.answer.goal, language) if reviewed.answer else None
        landing = stands and stands["landing"]
        state = {
            "status": stands["status"], "value": stands["value"], "gap": stands["gap"], "chance": stands["probability"],
            "lands_at": landing and landing["value"],
        } if stands else {"status": "no_data"}  # fmt: skip
        rows.append(
            {key: value for key, value in (goal | {"where": where} | state).items() if value not in (None, "", {})}
        )
    document: Json = {"rows": rows, "receipt": _standing(asker)}
    return fitted(document if rows else document | {"hint": "There are no goals."}, "rows")


_TOOLS: Mapping[str, Callable[[Mapping[str, str], Asker], Json]] = {
    "ask": _ask,
    "list_kpis": _list,
    "explain": _explain,
    "why": _why,
    "goals": _goals,
}
