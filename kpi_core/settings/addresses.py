"""Addresses of databases as kpi.yaml writes them: one reader for the warehouse, the state and SQL sources.

What is accepted here can be opened, so `kpi check` and the doors never disagree. No message repeats any of an address:
a part that is misread may be the password.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from kpi_core.errors import Problem, SettingsError
from kpi_core.frozen_dataclass import frozen

FILES = frozenset({"duckdb", "sqlite", "chdb"})
"""Systems whose database is a file, or a folder of files."""
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
POSTGRES_OPTIONS = ("search_path", "options", "sslmode", "application_name")

_SYSTEM = re.compile(
    r"(?P<system>[a-z][a-z0-9]*)(?:\+(?P<driver>[a-z0-9_]+))?://(?P<rest>.*)", re.IGNORECASE | re.DOTALL
)
_NETWORK = re.compile(
    r"(?:(?P<user>[^:/?#@]*)(?::(?P<password>[^@]*))?@)?(?P<host>\[[0-9a-fA-F:.]+\]|[^:/?#@\[\]]*)"
    r"(?::(?P<port>\d{1,5}))?(?:/(?P<database>[^?#@]*))?(?:\?(?P<options>.*))?",
    re.DOTALL,
)
_BAD_PERCENT = re.compile(r"%(?![0-9a-fA-F]{2})")
_PERCENT_HINT = "Within a name or a password write @ as %40, / as %2F, : as %3A, # as %23, ? as %3F and % as %25."
_PORTS = {"postgresql": 5432, "clickhouse": 8123, "mysql": 3306, "mariadb": 3306, "mssql": 1433, "oracle": 1521}
_OWN_OPTIONS = {"clickhouse": ("secure", "verify"), "spark": ("secure",)}
"""Of systems that are spoken to by a driver of their own, what an address may say beside the place."""
_EXAMPLES = {"duckdb": "kpi.duckdb", "chdb": "facts"}
_DEFAULT_DRIVERS = {
    "postgresql": "pg8000",
    "mysql": "mysqldb",
    "mariadb": "mysqldb",
    "oracle": "oracledb",
    "mssql": "pyodbc",
    "sqlite": "pysqlite",
}
_MODULES = {
    "pg8000": "pg8000",
    "psycopg": "psycopg",
    "psycopg2": "psycopg2",
    "mysqldb": "MySQLdb",
    "pymysql": "pymysql",
    "mysqlconnector": "mysql.connector",
    "mariadbconnector": "mariadb",
    "oracledb": "oracledb",
    "cx_oracle": "cx_Oracle",
    "pyodbc": "pyodbc",
    "pymssql": "pymssql",
    "pysqlite": "sqlite3",
}
"""Driver -> the module that must be installed, for the systems that SQLAlchemy brings along."""


class AddressError(SettingsError):
    """An address that cannot be opened; its one problem says what is wrong and what to write."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__([Problem("kpi.yaml", 0, 0, message, hint)], code="address")

    @property
    def verdict(self) -> tuple[str, str]:
        """What is wrong, and what to write."""
        return self.problems[0].message, self.problems[0].hint


@frozen
class Address:
    """Where a database is. `database` is a path for a file, as it was written; parts are decoded."""

    system: str
    """SQLAlchemy's name: duckdb, sqlite, postgresql, …"""
    driver: str = ""
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    host: str = ""
    port: int | None = None
    database: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_clickhouse(self) -> bool:
        """Whether it is spoken to by ClickHouse's own driver, on a server or within this process."""
        return self.system == "chdb" or (self.system == "clickhouse" and not self.driver)

    def file(self, folder: Path) -> Path | None:
        """The database's file, relative ones from `folder`; None for one that is reached over the network."""
        return folder / self.database if self.system in FILES else None


def warehouse_address(text: str) -> Address:
    """The address under `warehouse:`, or AddressError."""
    hint = "Write duckdb:///kpi.duckdb or postgresql://user:${PASSWORD}@host/name."
    return _installed(_read(text, "warehouse", hint), "warehouse")


def state_address(text: str) -> Address:
    """The address under `state:`, or AddressError: SQLite and Postgres keep it."""
    hint = "Write sqlite:///state.db, a path beside kpi.yaml, or postgresql://user:${PASSWORD}@host/name."
    address = _read(text, "state", hint)
    if address.system not in {"sqlite", "postgresql"}:
        raise AddressError("state is not an address of SQLite or Postgres", hint)
    return _installed(address, "state")


def source_address(text: str) -> Address:
    """The `url:` of a source that reads a database, or AddressError."""
    address = _read(text, "url", "Write postgresql://user:${PASSWORD}@host/name or sqlite:///shop.db.")
    if address.system == "duckdb":
        raise AddressError("url: a DuckDB file is no source", "Write its tables as Parquet files and read those.")
    if address.system == "chdb":
        raise AddressError("url: a chDB folder is no source", "Write its tables as Parquet files and read those.")
    return _installed(address, "url")


def same_database(one: Address, other: Address, folder: Path) -> bool:
    """Whether both lead to one database, by whatever path, link or spelling."""
    file, other_file = one.file(folder), other.file(folder)
    if file is not None and other_file is not None:
        return same_file(file, other_file)
    return file is None and other_file is None and _place(one) == _place(other)


def same_file(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file, also through symbolic and hard links; files need not be there yet."""
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    try:
        return one.samefile(other)
    except OSError:
        return False


def _read(text: str, what: str, hint: str) -> Address:
    form = _SYSTEM.fullmatch(text.strip())
    if form is None:
        raise AddressError(f"{what} is not a database address", hint)
    system = form["system"].lower()
    system = "postgresql" if system == "postgres" else system
    driver = (form["driver"] or "").lower()
    if system in FILES:
        return _file_address(system, driver, form["rest"], what)
    return _network_address(system, driver, form["rest"], what)


def _file_address(system: str, driver: str, rest: str, what: str) -> Address:
    name = {"duckdb": "DuckDB", "sqlite": "SQLite", "chdb": "chDB"}[system]
    example = _EXAMPLES.get(system, "state.db" if what == "state" else "shop.db")
    hint = f"Write {system}:///{example}, with three slashes; four begin an absolute path."
    path, _, told = rest.removeprefix("/").partition("?")
    if not rest.startswith("/") or path in {"", ":memory:"} or path.endswith("/"):
        raise AddressError(f"the {name} address names no file", hint)
    options = _options(told, what) if system == "chdb" else {}
    if (told and options.keys() != {"database"}) or driver not in {"", "pysqlite"} or path.startswith("file:"):
        raise AddressError(f"the {name} address says more than its file", hint)
    return Address(system, database=_decoded(path, what), options=options)


def _network_address(system: str, driver: str, rest: str, what: str) -> Address:
    parts = _NETWORK.fullmatch(rest)
    if parts is None or not (rest and (parts["host"] or parts["database"])):
        hint = _PERCENT_HINT if "@" in rest else "Write it like postgresql://user:${PASSWORD}@host:5432/name."
        raise AddressError(f"{what}: this database address cannot be used", hint)
    port = int(parts["port"]) if parts["port"] else None
    if port is not None and not 0 < port < 65536:
        raise AddressError(f"{what}: the address names no port that exists", "A port is a number up to 65535.")
    options = _options(parts["options"] or "", what)
    # Another driver has options of its own, which are not ours to judge.
    if system == "postgresql" and driver in {"", "pg8000"}:
        _check_postgres(options, what)
        if not parts["user"]:
            raise AddressError(f"{what}: the address names no user", "Write postgresql://user:${PASSWORD}@host/name.")
    if system in _OWN_OPTIONS and not driver:
        _check_options(options, _OWN_OPTIONS[system], what)
    return Address(
        system=system,
        driver=driver,
        user=None if parts["user"] is None else _decoded(parts["user"], what),
        password=None if parts["password"] is None else _decoded(parts["password"], what),
        host=parts["host"].strip("[]"),
        port=port,
        database=_decoded(parts["database"] or "", what),
        options=options,
    )


def _decoded(text: str, what: str) -> str:
    if _BAD_PERCENT.search(text):
        raise AddressError(f"{what}: a % in the address begins no sign", _PERCENT_HINT)
    return unquote(text)


def _options(text: str, what: str) -> dict[str, str]:
    pairs = parse_qsl(text, keep_blank_values=True)
    options = dict(pairs)
    if len(options) < len(pairs):
        raise AddressError(f"{what}: the address names an option twice", "Keep one of them.")
    return options


def _check_postgres(options: Mapping[str, str], what: str) -> None:
    unknown = sorted(name for name in options if name not in POSTGRES_OPTIONS)
    listing = f"{', '.join(POSTGRES_OPTIONS[:-1])} and {POSTGRES_OPTIONS[-1]}"
    if unknown:
        raise AddressError(f"{what}: {_plain(unknown[0])} has no meaning in this address", f"Known are {listing}.")
    mode = options.get("sslmode", "prefer")
    if mode not in SSL_MODES:
        raise AddressError(f"{what}: sslmode {_plain(mode)} is not known", f"Known are {', '.join(SSL_MODES)}.")


def _check_options(options: Mapping[str, str], known: tuple[str, ...], what: str) -> None:
    for name, value in options.items():
        if name not in known or value not in {"true", "false"}:
            hint = f"Known are {' and '.join(f'{each}=true' for each in known)}, or false."
            raise AddressError(f"{what}: {_plain(name)} has no meaning in this address", hint)


def _plain(word: str) -> str:
    """A word of the address, unless it may be the rest of a password with a ? in it."""
    return word if re.fullmatch(r"[a-z_-]{2,20}", word) else "…"


def _installed(address: Address, what: str) -> Address:
    """The address, if what speaks to its system is installed."""
    if address.system == "duckdb":
        return address
    if what == "warehouse" and address.is_clickhouse:
        needed = ("clickhouse_connect", "chdb") if address.system == "chdb" else ("clickhouse_connect",)
        if not all(map(_is_there, needed)):
            more = "" if address.system == "clickhouse" else " chdb-core"
            hint = f"Install it: pip install 'kpi-bot[clickhouse]'{more}."
            raise AddressError(f"{what}: the driver for ClickHouse is not installed", hint)
        return address
    if what == "warehouse" and address.system == "spark" and not address.driver:
        if not (_is_there("pyspark") and _is_there("grpc")):
            raise AddressError(
                f"{what}: the driver for Spark is not installed", "Install it: pip install 'kpi-bot[spark]'."
            )
        return address
    driver = address.driver or _DEFAULT_DRIVERS.get(address.system, "")
    if address.system not in _DEFAULT_DRIVERS:
        if _plugin(address):
            return address
        hint = "Check the word before ://, or install the package that brings it to SQLAlchemy."
        raise AddressError(
            f"{what}: this database address cannot be used, nothing here speaks to {address.system}", hint
        )
    module = _MODULES.get(driver)
    if module is None or not _is_there(module):
        package = "pip install 'kpi-bot[postgres]'" if driver == "pg8000" else f"pip install {driver}"
        raise AddressError(f"{what}: the driver for {address.system} is not installed", f"Install it: {package}.")
    return address


@cache
def _is_there(module: str) -> bool:
    # Looked up once: the state's address is read with every question.
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _plugin(address: Address) -> bool:
    """Whether a package has brought this system to SQLAlchemy."""
    from importlib.metadata import entry_points

    name = f"{address.system}.{address.driver}" if address.driver else address.system
    return any(point.name == name for point in entry_points(group="sqlalchemy.dialects"))


def _place(address: Address) -> tuple[str, str, int | None, str]:
    host = address.host.lower().rstrip(".") or "localhost"
    host = "localhost" if host in {"127.0.0.1", "::1"} else host
    # Postgres opens the database called like the user where none is named.
    database = address.database or address.user or ""
    return address.system, host, address.port or _PORTS.get(address.system), database
