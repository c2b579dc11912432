"""The pacing of budgets as a table in a reader's language, and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kpi_core.formats.numbers import amount_text
from kpi_core.formats.periods import date_text, period_label
from kpi_core.phrases import say

if TYPE_CHECKING:
    from kpi_core.dates.periods import Period
    from kpi_core.goals.budget_pacing import BudgetPacing, ChannelPace

COLUMNS = ("channel", "budget", "spent", "lands", "needs", "status")


def pacing_title(month: Period, language: str) -> str:
    """Such as "Budget pacing · November 2026"."""
    return say(language, "budget_pacing.title", period=period_label(month, language))


def pacing_table(pacing: BudgetPacing, currency: str, language: str) -> list[list[str]]:
    """A header, a row a channel, and the total, where there is more than one."""
    header = [say(language, f"budget_pacing.{column}") for column in COLUMNS]
    rows = [_row(each, _name(each, language), currency, language) for each in pacing.channels]
    if len(rows) > 1:
        rows.append(_row(pacing.total, say(language, "budget_pacing.total"), currency, language))
    return [header, *rows]


def pacing_lines(pacing: BudgetPacing, currency: str, language: str) -> list[str]:
    """The rows of the table as sentences, for whoever sees no table."""
    _header, *rows = pacing_table(pacing, currency, language)
    return [say(language, "budget_pacing.line", **dict(zip(COLUMNS, row, strict=True))) for row in rows]


def pacing_note(pacing: BudgetPacing, language: str) -> str:
    """How far the data goes, and what an interval means."""
    return say(language, "budget_pacing.through", day=date_text(pacing.through, language, year=False, short=True))


def pacing_json(pacing: BudgetPacing) -> Mapping[str, object]:
    """Amounts in full precision, in the workspace's currency; no forecast is null."""
    return {
        "month": {"start": pacing.month.start.isoformat(), "end": pacing.month.end.isoformat()},
        "through": pacing.through.isoformat(),
        "channels": [_channel_json(each) for each in pacing.channels],
        "total": _channel_json(pacing.total),
    }


def _name(each: ChannelPace, language: str) -> str:
    return each.channel or say(language, "budget_pacing.none_name")


def _row(each: ChannelPace, name: str, currency: str, language: str) -> list[str]:
    status = say(language, f"budget_pacing.{each.pace}")
    if each.cap_on is not None:
        key = "since" if each.pace == "spent_up" else "cap"
        day = date_text(each.cap_on, language, year=False, short=True)
        status = f"{status} · {say(language, f'budget_pacing.{key}', day=day)}"
    return [
        name,
        _money(each.budget, currency, language),
        _money(each.spent, currency, language),
        _landing(each, currency, language),
        _money(each.needed, currency, language),
        status,
    ]


def _landing(each: ChannelPace, currency: str, language: str) -> str:
    if each.lands is None:
        return "–"
    value, low, high = (_money(amount, currency, language) for amount in (each.lands, each.low, each.high))
    return say(language, "budget_pacing.range", value=value, low=low, high=high)


def _money(amount: float | None, currency: str, language: str) -> str:
    return "–" if amount is None else amount_text(amount, "currency", currency, language)


def _channel_json(each: ChannelPace) -> dict[str, object]:
    return {
        "channel": each.channel,
        "budget": each.budget,
        "spent": each.spent,
        "landing": None if each.lands is None else {"value": each.lands, "low": each.low, "high": each.high},
        "cap_on": each.cap_on and each.cap_on.isoformat(),
        "needed_a_day": each.needed,
        "pace": each.pace,
    }
