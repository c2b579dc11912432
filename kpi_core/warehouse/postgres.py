"""What is particular to a Postgres address: driver, session, encryption."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpi_core.settings.addresses import Address
from kpi_core.settings.off_limits import STATE_TABLES

PATIENCE = 120
"""Seconds that a Postgres may take for one query, where its own settings or the address name no limit."""
ANY_SCHEMA = "SELECT current_schema()"
STATE_IN_REACH = f"""
    WITH RECURSIVE state AS (
        SELECT relnamespace FROM pg_catalog.pg_class
        WHERE relkind IN ('r', 'p') AND relname IN ({", ".join(f"'{name}'" for name in sorted(STATE_TABLES))})
        GROUP BY relnamespace HAVING count(*) = {len(STATE_TABLES)}
    ), reached AS (
        SELECT own.oid, own.relnamespace FROM pg_catalog.pg_class AS own
        JOIN pg_catalog.pg_namespace AS searched ON searched.oid = own.relnamespace
        WHERE searched.nspname = ANY (current_schemas(false)) AND EXISTS (SELECT 1 FROM state)
        UNION
        SELECT below.oid, below.relnamespace FROM reached
        JOIN pg_catalog.pg_rewrite AS rule ON rule.ev_class = reached.oid
        JOIN pg_catalog.pg_depend AS uses ON uses.classid = 'pg_catalog.pg_rewrite'::regclass
            AND uses.objid = rule.oid AND uses.refclassid = 'pg_catalog.pg_class'::regclass
        JOIN pg_catalog.pg_class AS below ON below.oid = uses.refobjid
    )
    SELECT EXISTS (SELECT 1 FROM reached JOIN state USING (relnamespace))"""  # noqa: S608 - names of our own
"""Whether a table that is found without naming its schema is a state's, or a view over one, however many lie between.

Asked of the server, for an address does not tell: a role or `options` may set the search path, too.
"""


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
