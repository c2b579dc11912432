"""What of an incident is written down: enough to know its episodes again, and to say it in one line."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from kpi_core.alerts.episode import Segment
from kpi_core.alerts.incident import Trace
from kpi_core.frozen_dataclass import frozen


@frozen
class Record:
    """`line` is the incident in the workspace's language; `rank` says how grave it is, from 0 to 3.

    For the log: the `kind` of alert that it began with, the number and what it is held against, the likely cause.
    """

    traces: tuple[Trace, ...]
    line: str
    rank: float
    urgent: bool
    action: str = ""
    kind: str = ""
    size: str = ""
    reason: str = ""

    @property
    def lead(self) -> Trace:
        return self.traces[0]

    @property
    def last(self) -> Trace | None:
        """Of an incident that is over, the episode that ended last."""
        if any(trace.over is None for trace in self.traces):
            return None
        return max(self.traces, key=lambda trace: trace.over or date.min)


def without_gone(record: Record, current: Collection[tuple[object, ...]], day: date) -> Record:
    """What no rule sees any more is over by a day: the data has changed, or the rule is gone."""
    traces = (
        replace(trace, over=day, ending="gone") if trace.over is None and trace.key not in current else trace
        for trace in record.traces
    )
    return replace(record, traces=tuple(traces))


def with_trace(record: Record, trace: Trace) -> Record:
    """The record with an episode as it now stands, known again by its rule and segment; a new one comes last."""
    places = [place for place, one in enumerate(record.traces) if one.key == trace.key]
    if not places:
        return replace(record, traces=(*record.traces, trace))
    before = record.traces[places[0]]
    # What was out of the ordinary first, and why, stays as it was told.
    now = replace(before, over=trace.over, ending=trace.ending)
    return replace(record, traces=tuple(now if one.key == trace.key else one for one in record.traces))


def without_second_thoughts(record: Record, trace: Trace, last_day: date) -> Trace:
    """What was over stays so until a day after that shows it again: that nothing can be judged today is no news.

    `last_day` is the last of the days that are out of the ordinary.
    """
    before = next((one for one in record.traces if one.key == trace.key), None)
    if before is None or before.over is None or trace.over is not None or last_day > before.over:
        return trace
    return replace(trace, over=before.over, ending=before.ending)


def goes_on_in(record: Record, trace: Trace, cool_down: int) -> bool:
    """Whether an episode is one of the record's, or the same again within the cool-down."""
    before = next((one for one in record.traces if one.key == trace.key), None)
    if before is None or (trace.over is not None and trace.over < before.on):
        # One that was over before this one began is another, however long a look goes back.
        return False
    return before.over is None or trace.on <= before.over + timedelta(days=cool_down)


def record_json(record: Record) -> dict[str, Any]:
    return {
        "traces": [_trace_json(trace) for trace in record.traces],
        "line": record.line,
        "rank": record.rank,
        "urgent": record.urgent,
        "action": record.action,
        "kind": record.kind,
        "size": record.size,
        "reason": record.reason,
    }


def record_of(body: Mapping[str, Any]) -> Record:
    traces = tuple(_trace_of(trace) for trace in body["traces"])
    # What an earlier release wrote says less.
    words = {name: body.get(name, "") for name in ("action", "kind", "size", "reason")}
    return Record(traces, body["line"], body["rank"], body["urgent"], **words)


def _trace_json(trace: Trace) -> dict[str, Any]:
    return {
        "rule": trace.rule,
        "kpi": trace.kpi,
        "segment": [list(pair) for pair in trace.segment],
        "source": trace.source,
        "on": trace.on.isoformat(),
        "first_day": trace.first_day.isoformat(),
        "over": trace.over.isoformat() if trace.over else None,
        "moved": sorted(trace.moved),
        "scope": [list(pair) for pair in trace.scope],
        "tables": sorted(trace.tables),
        "missing": trace.missing,
        "ending": trace.ending,
    }


def _trace_of(body: Mapping[str, Any]) -> Trace:
    return Trace(
        body["rule"],
        body["kpi"],
        _segment_of(body["segment"]),
        body["source"],
        date.fromisoformat(body["on"]),
        date.fromisoformat(body["first_day"]),
        date.fromisoformat(body["over"]) if body["over"] else None,
        frozenset(body["moved"]),
        _segment_of(body["scope"]),
        frozenset(body["tables"]),
        body["missing"],
        body["ending"],
    )


def _segment_of(pairs: Sequence[Sequence[str]]) -> Segment:
    return tuple((dimension, value) for dimension, value in pairs)
