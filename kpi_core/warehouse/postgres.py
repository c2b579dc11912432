"""What is particular to a Postgres address: driver, session, encryption."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpi_core.settings.addresses import Address

PATIENCE = 120
"""Seconds that a Postgres may take for one query, where its own settings or the address name no limit."""
ANY_SCHEMA = "SELECT current_schema()"


def driver_arguments(address: Address) -> tuple[Mapping[str, str], dict[str, Any]]:
    """The options that stay in the address for the driver, and what the driver is told beside it.

    `options`, `sslmode` and `application_name` may stand in the address, as for other programs.
    """
    options = {name: value for name, value in address.options.items() if name != "search_path"}
    if address.driver not in {"", "pg8000"}:
        return options, {}
    # Later than the server's own limit, whose answer says that the query was slow; a silent socket says nothing.
    arguments: dict[str, Any] = {"timeout": PATIENCE + 10}
    if "options" in options:
        arguments["startup_params"] = {"options": options.pop("options")}
    if "sslmode" in options:
        arguments["ssl_context"] = _encryption(options.pop("sslmode"))
    return options, arguments


def searched_schemas(address: Address) -> list[str]:
    """The schemas of `search_path`, the first of them where new tables go; empty for the server's default."""
    path = address.options.get("search_path", "")
    return [name.strip() for name in path.split(",") if name.strip()]


def _encryption(mode: str) -> object:
    """What pg8000 takes for a mode of libpq: False for none, None for where it can be had, True for always."""
    import ssl

    simple: Mapping[str, object] = {"disable": False, "allow": None, "prefer": None, "require": True}
    if mode in simple:
        return simple[mode]
    context = ssl.create_default_context()
    context.check_hostname = mode == "verify-full"
    return context
