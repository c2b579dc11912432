"""The sync log: what the bot changed and put right here, what contradicts itself, what failed; the newest last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC
from zoneinfo import ZoneInfo

from kpi_core.phrases import say
from kpi_core.settings.sheet_record import SheetEntry
from kpi_core.settings.values import Settings
from sheets_sync.tabs.cells import KEEP, Cell, Number, NumberFormat, Text
from sheets_sync.tabs.tab import Column, Tab, filled

HEADER = 2
NEWEST = 200
"""Syncs that it lists, and some more until these go together."""
READY = 20
"""Rows that stand ready below for the syncs that come, made together: an entry is then a value among others."""
_WIDTHS = {"at": 150, "cells": 90, "mended": 420, "attention": 420, "seen": 80}


def sync_log_tab(settings: Settings, entries: Iterable[SheetEntry]) -> Tab:
    """A row a sync that changed or told something; `entries` have the newest first."""
    language = settings.locale
    listed = list(entries)[::-1]
    columns = tuple(
        Column(
            key,
            say(language, f"sheet.column.{key}"),
            width=width,
            wraps=key in {"mended", "attention"},
            ticked=key == "seen",
        )
        for key, width in _WIDTHS.items()
    )
    rows: list[Sequence[Cell]] = [
        [Text(say(language, "sheet.tab.sync_log"))],
        [Text(_line(listed, settings))],
        [Text(column.title) for column in columns],
    ]
    rows += [_row(entry, settings) for entry in listed]
    return Tab(
        "sync_log",
        say(language, "sheet.tab.sync_log"),
        columns,
        filled(rows, len(columns)),
        HEADER,
        # By the instant: a clock of another zone writes the same one otherwise.
        keys=tuple(entry.at.astimezone(UTC).isoformat() for entry in listed),
        grows=NEWEST,
        waits=READY,
    )


def _line(listed: Sequence[SheetEntry], settings: Settings) -> str:
    """What the tab is, and the newest entry's time: its row may lie below the screen."""
    sentence = say(settings.locale, "sheet.line.sync_log")
    if not listed:
        return sentence
    return f"{say(settings.locale, 'sheet.line.last_sync', at=_moment(listed[-1], settings))} {sentence}"


def _moment(entry: SheetEntry, settings: Settings) -> str:
    return f"{entry.at.astimezone(ZoneInfo(settings.calendar.timezone)):%Y-%m-%d %H:%M}"


def _row(entry: SheetEntry, settings: Settings) -> list[Cell]:
    attention = (*((entry.error,) if entry.error else ()), *entry.conflicts, *entry.warnings)
    return [
        Text(_moment(entry, settings)),
        Number(None if entry.error else entry.cells, NumberFormat("NUMBER", "#,##0")),
        Text("\n".join(entry.mended)),
        Text("\n".join(attention)),
        KEEP,
    ]
