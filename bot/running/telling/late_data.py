"""Summaries that wait for data that is late: the owner hears of it while there is time to mend it, once."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.workspace import Workspace
from kpi_core.deliveries.summaries import Summary
from kpi_core.deliveries.to_owner import Trouble, tell_owner, trouble_over
from kpi_core.formats.periods import date_text
from kpi_core.phrases import say
from kpi_core.settings.values import Summary as SummarySetting


def tell_of_waiting(
    workspace: Workspace, setting: SummarySetting, summary: Summary, now: datetime, until: datetime
) -> None:
    """That a summary waits, until when (aware instants), and what becomes of it then."""
    time = until.astimezone(ZoneInfo(setting.timezone or workspace.settings.calendar.timezone))
    _tell(workspace, setting, summary, now, f"trouble.summary_waits_{setting.if_late}", f"{time:%H:%M}")


def tell_of_leaving_out(workspace: Workspace, setting: SummarySetting, summary: Summary, now: datetime) -> None:
    """That a summary has waited in vain and is left out."""
    _tell(workspace, setting, summary, now, "trouble.summary_left_out")


def no_longer_late(workspace: Workspace, setting: SummarySetting) -> None:
    """It is posted: the next time is news again."""
    trouble_over(workspace.store, _name(setting))


def _tell(  # noqa: PLR0913, PLR0917 - what is said, of what and when
    workspace: Workspace, setting: SummarySetting, summary: Summary, now: datetime, key: str, time: str = ""
) -> None:
    settings = workspace.settings
    ends = [*(late.through for late in summary.late), *(missing.through for missing in summary.missing)]
    day = min((end for end in ends if end is not None), default=None)
    through = say(settings.locale, "value.no_data") if day is None else date_text(day, settings.locale)
    text = say(settings.locale, key, summary=setting.name, through=through, time=time)
    tell_owner(workspace.store, settings.owner, Trouble(_name(setting), text, f"{key} {summary.period.start}"), now)


def _name(setting: SummarySetting) -> str:
    return f"late:{setting.name}"
