"""What the loads know of a source, as sentences and as JSON: how far it goes, what it lacks, what there is to mend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpi_core.formats.findings import finding_json, mended_text
from kpi_core.formats.notices import notice_text
from kpi_core.phrases import Notice, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpi_core.health.facts import Health, SourceFacts
    from kpi_core.phrases import Param

Json = dict[str, Any]


def source_lines(source: SourceFacts, health: Health, language: str) -> Iterator[str]:
    """How far a source goes, then what it lacks, then what is wrong with it and what to do."""
    yield _reach(source, language)
    for key, columns in (("absent", _absent(source)), ("empty", _empty(source))):
        if columns:
            yield say(language, f"source.{key}", columns=", ".join(columns))
    for finding in health.findings:
        if finding.source == source.source:
            yield mended_text(finding, language)


def source_json(source: SourceFacts, health: Health, language: str) -> Json:
    """A source with every key a reader may rely on; days are local, `loaded_at` is an instant."""
    return {
        "source": source.source,
        "table": source.table,
        "first_day": source.first_day.isoformat() if source.first_day else None,
        "last_day": source.last_day.isoformat() if source.last_day else None,
        "loaded_at": source.loaded_at.isoformat() if source.loaded_at else None,
        "rows": source.rows,
        "kept_out": source.kept_out,
        "columns_absent": _absent(source),
        "columns_empty": _empty(source),
        "findings": [finding_json(finding, language) for finding in health.findings if finding.source == source.source],
    }


def _reach(source: SourceFacts, language: str) -> str:
    params: dict[str, Param] = {"source": source.source, "table": source.table, "rows": f"{source.rows:,}"}
    params["kept_out"] = f"{source.kept_out:,}"
    if source.loaded_at is not None:
        params["loaded"] = source.loaded_at.date().isoformat()
    if source.last_day is None and source.rows:
        return notice_text(Notice("source.undated", params), language)
    if source.last_day is None:
        return notice_text(Notice("source.no_rows", params), language)
    return notice_text(Notice("source.reach", {**params, "day": source.last_day.isoformat()}), language)


def _absent(source: SourceFacts) -> list[str]:
    return [name for name, fill in source.columns.items() if not fill.present]


def _empty(source: SourceFacts) -> list[str]:
    return [name for name, fill in source.columns.items() if fill.present and not fill.filled]
