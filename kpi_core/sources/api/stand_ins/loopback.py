"""Stand-ins on loopback: `python -m kpi_core.sources.<vendor>.stand_in --port N`."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources.api.stand_ins.faults import Asked, Order, StandIn, wired


@frozen
class Serving:
    """A stand-in that can be called at `url`."""

    url: str
    order: Order


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    stand_in: StandIn
    order: Order

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        request = Asked(self.command, unquote(parts.path), query, headers, self.rfile.read(length), parts.query)
        answer = wired(self.stand_in, request, self.order)
        if answer.body is None:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815  (the names that http.server calls)

    def log_message(self, *_words: object) -> None:
        """Nothing: a request may hold a secret."""


@contextmanager
def serving(stand_in: StandIn, port: int = 0) -> Iterator[Serving]:
    """A stand-in on a loopback port, until the block ends."""
    order = Order()
    handler = type("Handler", (_Handler,), {"stand_in": stand_in, "order": order})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield Serving(f"http://127.0.0.1:{server.server_address[1]}", order)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@frozen
class Offered:
    """A type of source with its stand-in: the secrets that open it, and what a source has to say beside them."""

    kind: str
    made: Callable[[Callable[[], datetime]], StandIn]
    environment: Mapping[str, str]
    options: Mapping[str, Any] = field(default_factory=dict)


def offered(kind: str, folder: Path) -> Offered:
    """What the module `stand_in` of a type of source offers; `folder` takes its key files."""
    own: Offered = import_module(f"kpi_core.sources.{kind}.stand_in").offered(folder)
    return own


def serve(kind: str) -> int:
    """Serve a stand-in until it is stopped, and say what to put into the environment to reach it."""
    parser = argparse.ArgumentParser(description=f"A stand-in for {kind}, in memory.")
    parser.add_argument("--port", type=int, default=0, help="loopback port; 0 takes a free one")
    port = parser.parse_args().port
    with TemporaryDirectory(prefix="kpi-stand-in-") as folder:
        own = offered(kind, Path(folder))
        with serving(own.made(lambda: datetime.now(UTC)), port) as running:
            lines = [f"KPI_{kind.upper()}_API_URL={running.url}"]
            lines += [f"{name}='{text}'" for name, text in own.environment.items()]
            sys.stdout.write("".join(f"export {line}\n" for line in lines))
            sys.stdout.flush()
            try:
                threading.Event().wait()
            except KeyboardInterrupt:
                return 0
    return 0
