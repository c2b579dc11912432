"""A Spark of the tests' own: a server of Spark Connect on loopback, with tables made of models."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kpi_core.settings.addresses import Address
from kpi_core.warehouse.spark import SparkWarehouse

from tables import CATALOG, Row, write_tables

_SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
_INSTANTS = {"timestamp": "TIMESTAMPTZ", "timestamp_ntz": "TIMESTAMP"}


@dataclass(frozen=True, slots=True)
class Spark:
    """A running server, and the folder in which its tables lie."""

    port: int
    folder: Path
    door: SparkWarehouse

    def url(self, schema: str) -> str:
        return f"spark://127.0.0.1:{self.port}/{schema}"

    def write(self, schema: str, tables: Mapping[str, Iterable[Row]], kind: str = "timestamp") -> None:
        """A new schema with one table a model; columns a row leaves out are empty. Instants are of the kind named."""
        place = Path(tempfile.mkdtemp(dir=self.folder))
        self._run(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        self._run(f"CREATE SCHEMA {schema}")
        write_tables(place / "made.duckdb", tables)
        with duckdb.connect(str(place / "made.duckdb")) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            for name in tables:
                columns = ", ".join(
                    _column(each.name, each.type, kind) for each in CATALOG.models[name].columns.values()
                )
                connection.execute(f"COPY (SELECT {columns} FROM {name}) TO '{place}/{name}.parquet'")
                self._run(f"CREATE TABLE {schema}.{name} USING parquet LOCATION '{place}/{name}.parquet'")

    def _run(self, sql: str) -> None:
        self.door.rows(sql, {})


def _column(name: str, type_: str, kind: str) -> str:
    return f'CAST("{name}" AS {_INSTANTS[kind]}) AS "{name}"' if type_ == "timestamp" else f'"{name}"'


@contextmanager
def running_spark() -> Iterator[Spark]:
    """A server that lives as long as the block; the test is skipped where it cannot run."""
    spec = find_spec("pyspark")
    home = Path(spec.origin).parent if spec is not None and spec.origin else Path()
    if not (home / "jars").is_dir() or find_spec("grpc") is None or shutil.which("java") is None:
        pytest.skip("Spark is not installed here (make engines brings it; it needs Java)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="kpi-spark-") as name:
        server = _started(home, Path(name), port)
        door = SparkWarehouse(Address("spark", host="127.0.0.1", port=port))
        try:
            _wait(door, server)
            yield Spark(port, Path(name), door)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _started(home: Path, folder: Path, port: int) -> subprocess.Popen[Any]:
    settings = {
        "spark.connect.grpc.binding.port": port,
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": 2,
        "spark.sql.warehouse.dir": folder / "warehouse",
    }
    told = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    # A standalone cluster of two workers, each a process of its own.
    cluster = ["--master", "local-cluster[2,1,1024]", "--driver-memory", "1g"]
    return subprocess.Popen(
        [home / "bin" / "spark-submit", "--class", _SERVER, *cluster, *told, "spark-internal"],
        cwd=folder,
        env={**os.environ, "SPARK_HOME": str(home), "SPARK_NO_DAEMONIZE": "1", "SPARK_LOCAL_IP": "127.0.0.1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _wait(door: SparkWarehouse, server: subprocess.Popen[Any], seconds: float = 240) -> None:
    """Until it answers."""
    begun = time.monotonic()
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", door._address.port or 0), 1):
            door.rows("SELECT 1", {})
            return
        assert server.poll() is None, "Spark ended"
        assert time.monotonic() - begun < seconds, "Spark does not answer"
        time.sleep(0.5)


@pytest.fixture(scope="session")
def spark() -> Iterator[Spark]:
    """A server of this run's own."""
    with running_spark() as server:
        yield server
