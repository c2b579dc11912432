"""The calls of the Drive API v3 that Sheets clients make."""

from __future__ import annotations

from typing import Any

from sheets_sync.sandbox.errors import not_found
from sheets_sync.sandbox.sheets_api import Call


def action(method: str, rest: str) -> tuple[Any, dict[str, str]]:
    raise not_found()


def unused(call: Call) -> None:
    return None
