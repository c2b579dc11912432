"""From an address to SQLAlchemy's engine: the same for the warehouse, the state and SQL sources."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpi_core.settings.addresses import Address, AddressError
from kpi_core.sql.quoting import quoted
from kpi_core.warehouse.postgres import driver_arguments, searched_schemas

if TYPE_CHECKING:
    from sqlalchemy import Engine


def engine_of(address: Address, folder: Path, **settings: Any) -> Engine:
    """An engine that has not connected yet; a file's relative path starts at `folder`.

    `settings` go to SQLAlchemy, whose errors then name no values of a statement. SettingsError where what speaks to
    the system is installed but cannot be loaded.
    """
    from sqlalchemy import URL, create_engine
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    options, arguments = dict(address.options), dict(settings.pop("connect_args", {}))
    driver = address.driver
    if address.system == "postgresql":
        passed, own_arguments = driver_arguments(address)
        # What the caller asks of the driver goes before what it gets by default.
        options, arguments, driver = dict(passed), own_arguments | arguments, driver or "pg8000"
    file = address.file(folder)
    url = URL.create(
        f"{address.system}+{driver}" if driver else address.system,
        username=address.user,
        password=address.password,
        host=address.host or None,
        port=address.port,
        database=str(file) if file is not None else address.database or None,
        query=options,
    )
    try:
        engine = create_engine(url, connect_args=arguments, hide_parameters=True, **settings)
    except (ArgumentError, NoSuchModuleError, ImportError):
        hint = "Check the word before ://, and install the driver anew."
        raise AddressError(f"the driver for {address.system} databases cannot be loaded", hint) from None
    if schemas := searched_schemas(address):
        on_connect(engine, f"SET search_path TO {', '.join(map(quoted, schemas))}")
    return engine


def on_connect(engine: Engine, *statements: str) -> None:
    """Have each new connection told this first; it lasts, whatever becomes of later transactions."""
    from sqlalchemy import event

    def tell(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()
        connection.commit()

    event.listen(engine, "connect", tell)
