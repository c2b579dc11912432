"""The sync log: what the bot changed and put right here, what contradicts itself, what failed; the newest on top."""

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
_WIDTHS = {"at": 150, "cells": 90, "mended": 420, "attention": 420, "seen": 80}


def sync_log_tab(settings: Settings, entries: Iterable[SheetEntry]) -> Tab:
    """A row a sync that changed or told something; `entries` have the newest first."""
    language = settings.locale
    listed = list(entries)
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
        [Text(say(language, "sheet.line.sync_log"))],
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
    )


def _row(entry: SheetEntry, settings: Settings) -> list[Cell]:
    local = entry.at.astimezone(ZoneInfo(settings.calendar.timezone))
    attention = (*((entry.error,) if entry.error else ()), *entry.conflicts, *entry.warnings)
    return [
        Text(f"{local:%Y-%m-%d %H:%M}"),
        Number(None if entry.error else entry.cells, NumberFormat("NUMBER", "#,##0")),
        Text("\n".join(entry.mended)),
        Text("\n".join(attention)),
        KEEP,
    ]
