"""The control API under /sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from sheets_sync.sandbox.server import Backend


def add_routes(app: web.Application, backend: Backend) -> None:
    """To come."""
