"""Starts and stops the local Sheets inside this process, in a thread of its own."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from sheets_sync.sandbox import control, page
from sheets_sync.sandbox.api import routes
from sheets_sync.sandbox.api.backend import Backend
from sheets_sync.sandbox.api.request_log import LoggedRequest
from sheets_sync.sandbox.api.service_account import Account
from sheets_sync.sandbox.api.sheets_faults import Faults
from sheets_sync.sandbox.document.spreadsheet import Spreadsheet
from sheets_sync.sandbox.drive_files import EDITOR, PERSON, Clock, File, Files, utc_now
from sheets_sync.sandbox.person import Person

HOST = "127.0.0.1"
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
LARGEST_BODY = 64 * 1024**2


class LocalSheets:
    """A running server. Its addresses go into KPI_SHEETS_API_URL and KPI_DRIVE_API_URL."""

    def __init__(self, backend: Backend, credentials_file: Path, url: str) -> None:
        """Made by `start_sheets`."""
        self.backend = backend
        self.credentials_file = credentials_file
        self.url = url
        self.drive_url = url
        self.person = Person(backend.files)
        self.editor = Person(backend.files, EDITOR)

    @property
    def client_email(self) -> str:
        return self.backend.account.client_email

    @property
    def faults(self) -> Faults:
        return self.backend.faults

    @property
    def requests(self) -> list[LoggedRequest]:
        """The calls of the Sheets and Drive API so far, oldest first."""
        return list(self.backend.log)

    def create(self, title: str, *, locale: str = "en_US", time_zone: str = "Etc/GMT", shared: bool = True) -> str:
        """A new spreadsheet of the person's, shared with the service account as Editor; answers its id."""
        properties = {"title": title, "locale": locale, "timeZone": time_zone}
        with self.backend.files.lock:
            file = self.backend.files.create(properties, PERSON)
            if shared:
                self.backend.files.share(file.file_id, self.client_email)
        return file.file_id

    def file(self, spreadsheet_id: str) -> File:
        return self.backend.files.file(spreadsheet_id)

    def spreadsheet(self, spreadsheet_id: str) -> Spreadsheet:
        """The newest state, to look at."""
        return self.file(spreadsheet_id).spreadsheet

    def copy_metadata(self, spreadsheet_id: str, *, copies: bool = True) -> None:
        """Whether tabs that are duplicated there, or copied to it, take their developer metadata along."""
        with self.backend.files.lock:
            self.spreadsheet(spreadsheet_id).copies_metadata = copies

    def unshare(self, spreadsheet_id: str) -> None:
        """Take the service account's permission away."""
        with self.backend.files.lock:
            self.backend.files.unshare(spreadsheet_id, self.client_email)

    def address(self, spreadsheet_id: str) -> str:
        """Where a person opens the spreadsheet."""
        return self.spreadsheet(spreadsheet_id).url


@contextmanager
def start_sheets(port: int = 0, *, clock: Clock = utc_now, strict: bool = False) -> Iterator[LocalSheets]:
    """The local Sheets on a loopback port (0: a free one) for as long as the block runs.

    A `strict` one refuses fields, parameters and masks that Google's own description of the API does not have; that
    needs google-api-python-client.
    """
    with tempfile.TemporaryDirectory(prefix="local-sheets-") as folder, _Loop() as loop:
        backend = Backend(Files(clock), Account(), strict=strict)
        runner, bound = asyncio.run_coroutine_threadsafe(serve(backend, port), loop.loop).result()
        try:
            # Only now is the port known, which the file names in its token_uri.
            credentials = Path(folder) / "service-account.json"
            backend.account.write_credentials(credentials, backend.token_uri)
            yield LocalSheets(backend, credentials, f"http://{HOST}:{bound}")
        finally:
            asyncio.run_coroutine_threadsafe(runner.cleanup(), loop.loop).result()


def build_app(backend: Backend) -> web.Application:
    """The aiohttp application; the caller runs it on loopback."""
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[_loopback_only])
    for part in (routes, control, page):
        part.add_routes(app, backend)
    return app


@web.middleware
async def _loopback_only(request: web.Request, handler: routes.Handler) -> web.StreamResponse:
    """Answers only to loopback names, so that no page elsewhere can reach in through a name of its own."""
    # `[::1]` without a port ends in a bracket and has colons of its own.
    name = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    if name not in LOOPBACK_NAMES:
        return web.Response(status=421, text="This server answers on loopback only.")
    return await handler(request)


async def serve(backend: Backend, port: int) -> tuple[web.AppRunner, int]:
    """Listen on loopback; answers the runner, to be cleaned up, and the port. Sets the backend's own addresses."""
    runner = web.AppRunner(build_app(backend), access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, HOST, port)
    await site.start()
    bound = int(runner.addresses[0][1])
    backend.token_uri = f"http://{HOST}:{bound}{routes.TOKEN_PATH}"
    backend.files.base_url = f"http://{HOST}:{bound}"
    return runner, bound


class _Loop:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="local-sheets", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A loop can be stopped in its own thread only.
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()
