"""What is wrong with the data behind a number, in the words of a reader, and as JSON."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from kpi_core.formats.notices import notice_text
from kpi_core.health.facts import RATE
from kpi_core.layouts.currencies import is_code
from kpi_core.phrases import Notice, say

if TYPE_CHECKING:
    from kpi_core.answers import HealthNote
    from kpi_core.health.facts import Finding
    from kpi_core.phrases import Param

Json = dict[str, Any]
_SAID_ALIKE = {"source_late", "source_stale", "balance_left_out"}
"""What is said in the same words whether or not it has ended since."""
_OPEN = {"decimal": "open_decimal", "dates": "open_dates"}
"""What to do about values that could mean two things, by the key of kpi.yaml that settles it."""


def finding_text(finding: Finding, language: str) -> str:
    """One sentence: "shop has no rows for 3-5 November 2026."."""
    return notice_text(Notice(f"health.{finding.code}{_ending(finding)}", _params(finding)), language)


def _ending(finding: Finding) -> str:
    """Which form of its sentence: of days that go on, of whole rows, or of what nobody says has ended."""
    if finding.code == "rows_kept_out" and not finding.column:
        return "_whole"
    if finding.member == "not_yet" and finding.code == "column_absent":
        return "_not_yet"
    endless = finding.days is not None and finding.days[1] == date.max and finding.code not in _SAID_ALIKE
    return "_since" if endless else ""


def mended_text(finding: Finding, language: str) -> str:
    """What was found, and what mends it."""
    return say(language, "card.health", what=finding_text(finding, language), mend=mend_text(finding, language))


def mend_text(finding: Finding, language: str) -> str:
    """What to do about it."""
    key = _OPEN.get(finding.member, finding.code)
    if finding.code == "currency_left_out":
        key = "foreign_sign" if not is_code(finding.member) else "foreign_rate" if finding.column == RATE else key
    return notice_text(Notice(f"mend.{key}", _params(finding)), language)


def health_json(note: HealthNote, language: str) -> Json:
    """A note with every key a reader may rely on.

    `days` are the first and the last day inside, the last None where it goes on; None where they are not known.
    """
    return finding_json(note.finding, language) | {"scope": note.scope, "incomplete": note.incomplete}


def finding_json(finding: Finding, language: str) -> Json:
    """A finding by itself, as `health_json` has it."""
    days = _days(finding)
    return {
        "code": finding.code,
        "source": finding.source,
        "table": finding.table,
        "column": finding.column or None,
        "member": finding.member or None,
        "days": days,
        "count": finding.count,
        "total": finding.total or None,
        "message": mended_text(finding, language),
    }


def _days(finding: Finding) -> list[str | None] | None:
    if finding.days is None:
        return None
    start, end = finding.days
    return [start.isoformat(), None if end == date.max else finding.last_day.isoformat()]


def _params(finding: Finding) -> dict[str, Param]:
    params: dict[str, Param] = {
        "source": finding.source,
        "table": finding.table,
        "column": finding.column,
        "member": finding.member,
        "count": finding.count,
        "total": finding.total,
        "other": finding.examples[-1] if finding.examples else "",
    }
    if finding.days is not None:
        params |= {"start": finding.days[0].isoformat(), "end": finding.last_day.isoformat()}
        params["until"] = finding.before.isoformat()
    return params
