"""Placeholder."""

from __future__ import annotations

from collections.abc import Callable

from sheets_sync.sandbox.spreadsheet import Json, Spreadsheet

HANDLERS: dict[str, Callable[[Spreadsheet, Json], Json | None]] = {}
