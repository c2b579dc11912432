"""What is particular to a Postgres address: driver, session, encryption."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpi_core.errors import Problem, SettingsError
from kpi_core.sql.quoting import quoted

if TYPE_CHECKING:
    from sqlalchemy import URL

PATIENCE = 120
"""Seconds that a Postgres may take for one query, where its own settings or the address name no limit."""
ANY_SCHEMA = "SELECT current_schema()"


def postgres_address(address: URL) -> tuple[URL, dict[str, Any], list[str]]:
    """The address with its driver, what the driver is told, and what a new connection is told.

    `search_path`, `options`, `sslmode` and `application_name` may stand in the address, as for other programs.
    """
    session = []
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+pg8000")
    if (path := address.query.get("search_path")) is not None:
        names = ", ".join(quoted(name.strip()) for name in str(path).split(","))
        session = [f"SET search_path TO {names}", ANY_SCHEMA]
        address = address.difference_update_query(["search_path"])
    if address.get_driver_name() != "pg8000":
        return address, {}, session
    query = dict(address.query)
    arguments: dict[str, Any] = {"timeout": PATIENCE + 10}
    if "options" in query:
        arguments["startup_params"] = {"options": str(query.pop("options"))}
    if "sslmode" in query:
        arguments["ssl_context"] = _encryption(str(query.pop("sslmode")))
    if unknown := query.keys() - {"application_name"}:
        hint = "Known are search_path, options, sslmode and application_name."
        raise unusable(f"{', '.join(sorted(unknown))} has no meaning in this address", hint)
    return address.set(query=query), arguments, session


def _encryption(mode: str) -> object:
    """What pg8000 takes for a mode of libpq: False for none, None for where it can be had, True for always."""
    import ssl

    known: dict[str, object] = {"disable": False, "allow": None, "prefer": None, "require": True}
    if mode in known:
        return known[mode]
    if mode not in {"verify-ca", "verify-full"}:
        raise unusable(f"sslmode {mode} is not known", f"Known are {', '.join(known)}, verify-ca and verify-full.")
    context = ssl.create_default_context()
    context.check_hostname = mode == "verify-full"
    return context


def unusable(message: str, hint: str) -> SettingsError:
    return SettingsError([Problem("kpi.yaml", 0, 0, f"warehouse: {message}", hint)])
