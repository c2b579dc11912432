"""An Answer out of fetched numbers: the value, how it moved, whether that is good, and what must be said beside it.

Its goal is put beside it by the engine, for that may stand by another period.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from kpi_core.answering.changes import change_of, short_history, swing_of
from kpi_core.answering.comparability.breaking import BREAK, break_warnings, breaks_of
from kpi_core.answering.comparability.maturity import SETTLING, maturity_of
from kpi_core.answering.health import Standing, health_notes, is_sound
from kpi_core.answering.layout import layout_of
from kpi_core.answering.notices import notices_of
from kpi_core.answering.resolved import Resolved
from kpi_core.answering.spans import Needs, Slice, needed
from kpi_core.answering.splits.breakdown import break_down
from kpi_core.answering.values import Values
from kpi_core.answering.verdicts.swing import Swing
from kpi_core.answers import Answer, Change, Definition, Freshness, TrendPoint
from kpi_core.catalog.digest import definition_version
from kpi_core.metrics import localized
from kpi_core.phrases import Notice
from kpi_core.settings.values import Settings
from kpi_core.sql.plan import Group, Need, Number
from kpi_core.warehouse.coverage import is_stale

_WITHHELD = {"notice.other_partial", "notice.unlike_length", BREAK, SETTLING}


def needs_by_slice(resolved: Resolved) -> dict[Slice, tuple[Needs, ...]]:
    """Of each slice of a question, the needs of every leaf; nothing when a table of it is missing or empty."""
    if not resolved.readable:
        return {}
    layout = layout_of(resolved.metric, resolved.context.catalog)
    return needed(layout, resolved.slices(), resolved.context, frozenset(resolved.compared()))


def assemble(  # noqa: PLR0913, PLR0917 - an answer is made of all of these
    resolved: Resolved,
    values: Values,
    definition: Definition,
    settings: Settings,
    standing: Standing,
    today: date,
) -> Answer:
    query, metric = resolved.query, resolved.definitions.metrics[resolved.metric.id]
    value, parts = values.value(resolved.whole()) if resolved.readable else (None, dict.fromkeys(metric.inputs))
    notes = health_notes(resolved, values, standing)
    windows = resolved.windows
    if any(note.incomplete for note in notes):
        windows = tuple(replace(window, sound=is_sound(window, notes)) for window in windows)
        resolved = replace(resolved, windows=windows)
    if breaks := breaks_of(resolved, standing.health):
        resolved = replace(resolved, breaks=breaks)
    trend = tuple(_trend(resolved, values))
    swings = [swing_of(window, resolved, values) for window in windows]
    changes = tuple(change_of(window, resolved, values, swing) for window, swing in zip(windows, swings, strict=True))
    split = break_down(resolved, values, swings) if query.dimensions and resolved.readable else None
    return Answer(
        query=query,
        metric=metric,
        currency=settings.currency,
        complete=resolved.complete,
        value=value,
        parts=parts,
        comparisons=changes,
        goal=None,
        breakdown=split.rows if split else () if query.dimensions else None,
        trend=trend,
        freshness=Freshness(resolved.through, is_stale(resolved.through, today)),
        warnings=(
            *notices_of(resolved, parts, split, resolved.context.catalog, today),
            *break_warnings(resolved),
            *_unjudged(resolved, changes, swings),
            *([Notice("warning.vat_mixed")] if standing.mixes_vat else []),
        ),
        definition=definition,
        health=notes,
        vat=standing.vat,
        maturity=maturity_of(resolved, values, query.period),
        breaks=tuple(each for each in resolved.breaks if not each.adjusted),
    )


def _unjudged(resolved: Resolved, changes: Sequence[Change], swings: Sequence[Swing | None]) -> tuple[Notice, ...]:
    """That some change is called neither better nor worse because nobody knows yet what is usual; said once.

    Not of one that is not shown at all: that it is withheld says its own notice.
    """
    short = (
        short_history(resolved, swing)
        for window, change, swing in zip(resolved.windows, changes, swings, strict=True)
        if window.sound and change.change is not None and change.verdict is None and not _is_withheld(change)
    )
    notice = next((notice for notice in short if notice is not None), None)
    return (notice,) if notice else ()


def _is_withheld(change: Change) -> bool:
    return change.notice is not None and change.notice.key in _WITHHELD


def values_of(
    resolved: Resolved, needs: Mapping[Slice, tuple[Needs, ...]], fetched: Mapping[Need, Mapping[Group, Number]]
) -> Values:
    return Values(resolved.context, layout_of(resolved.metric, resolved.context.catalog), needs, fetched)


def definition_of(resolved: Resolved, sql: Iterable[str]) -> Definition:
    """The receipt: formula, version, reading, and the texts of the queries that an answer rests on, each once."""
    metric = resolved.definitions.metrics[resolved.metric.id]
    version = definition_version(metric, resolved.definitions)
    return Definition(metric.formula, version, localized(metric.reading, "en"), tuple(dict.fromkeys(sql)))


def _trend(resolved: Resolved, values: Values) -> Iterable[TrendPoint]:
    for period in resolved.trend:
        value = values.value(resolved.of(period))[0] if resolved.readable else None
        yield TrendPoint(period, value, period.last_day <= resolved.complete_through)
