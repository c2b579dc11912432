"""The one door to Google Sheets: authentication, addresses, patience, and what was sent, counted."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn
from urllib.parse import quote

import google.auth
import gspread
import requests
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, RefreshError, TransportError
from google.oauth2 import service_account
from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL, SPREADSHEET_URL, SPREADSHEET_VALUES_URL

from kpi_core.errors import ServiceError
from kpi_core.frozen_dataclass import frozen
from kpi_core.sources.a1_notation import tab_in_a1
from sheets_sync.refusals import PlanRefused, credentials_refused, failed, no_credentials, refusal, unreachable
from sheets_sync.spreadsheet.state import CELL_FIELDS, STATE_FIELDS, WRITTEN_FIELDS, read_state
from sheets_sync.spreadsheet.threads import THREAD_FIELDS
from sheets_sync.spreadsheet.written.plain_values import written_cells

SCOPE = "https://www.googleapis.com/auth/spreadsheets"
SHEETS_ADDRESS = "https://sheets.googleapis.com"
DRIVE_ADDRESS = "https://www.googleapis.com"
OF_A_TAB = "tab:"
"""How what stands in place of a range begins, where a tab of the bot's is meant."""
_VALUES_CALL = "/values:batchUpdateByDataFilter"
CREDENTIALS = "GOOGLE_APPLICATION_CREDENTIALS"

Json = dict[str, Any]


@frozen
class Patience:
    """How long to go on after answers that may be better later. Times in seconds."""

    retries: int = 5
    seconds: float = 90.0
    timeout: float = 30.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.time
    jitter: Callable[[], float] = random.random
    """Between 0 and 1."""
    tell: Callable[[float], None] = lambda _seconds: None
    """Hears of a wait for a used-up quota before it begins."""

    def pause(self, attempt: int, status: int) -> float:
        """How long to wait after the given attempt (from 0): a quota starts afresh with the next minute."""
        if status == 429:
            # Not all at once: several bots on one account share the quota.
            return 60 - self.clock() % 60 + 5 * self.jitter()
        return float(2**attempt) * (0.5 + self.jitter() / 2)


class Transport(gspread.HTTPClient):
    """gspread's calls with our addresses, time limit and retries; a refusal is raised as what it means."""

    def __init__(self, credentials: Any, addresses: Mapping[str, str], patience: Patience) -> None:
        """`addresses` maps Google's hosts to those to call instead."""
        super().__init__(credentials)
        self.email = str(getattr(credentials, "service_account_email", "") or "")
        self._addresses = dict(addresses)
        self._patience = patience
        self.reads = 0
        self.writes = 0
        self.bytes_sent = 0

    def request(  # noqa: PLR0913, PLR0917 - gspread's signature
        self,
        method: str,
        endpoint: str,
        params: Any = None,
        data: bytes | None = None,
        json: Any = None,
        files: Any = None,
        headers: Any = None,
    ) -> requests.Response:
        """Send one call, again where that may help. ServiceError, SheetAccessError or PlanRefused when it does not."""
        sent = dict(headers or {})
        if json is not None:
            data = _encoded(json)
            sent["Content-Type"] = "application/json"
        call = {"params": params, "data": data, "files": files, "headers": sent}
        return self._until_answered(method, self._address(endpoint), call)

    def _until_answered(self, method: str, address: str, call: Json) -> requests.Response:
        patience = self._patience
        ends = patience.clock() + patience.seconds
        for attempt in range(patience.retries + 1):
            status, outcome = self._once(method, address, call)
            if isinstance(outcome, requests.Response):
                return outcome
            pause = patience.pause(attempt, status)
            # A wait that would end too late is not begun.
            if attempt == patience.retries or patience.clock() + pause > ends:
                raise outcome
            if status == 429:
                patience.tell(pause)
            patience.sleep(pause)
        raise AssertionError  # the loop's last round answers or raises

    def _once(self, method: str, address: str, call: Json) -> tuple[int, requests.Response | ServiceError]:
        """One call: its answer, or the failure that another try may mend. Refusals are raised."""
        self._count(method, address, call["data"])
        try:
            response: requests.Response = self.session.request(method, address, timeout=self._patience.timeout, **call)
        except RefreshError as error:
            if error.retryable:
                return 503, unreachable(_host(address), _reason(error))
            raise credentials_refused() from error
        except (requests.RequestException, TransportError, GoogleAuthError) as error:
            return 503, unreachable(_host(address), _reason(error))
        if response.ok:
            return response.status_code, response
        # A write, too: a batch that was applied all the same is refused the second time, for its ids are there.
        if response.status_code in {429, 500, 502, 503, 504}:
            return response.status_code, failed(response.status_code)
        return _refuse(response.status_code, _body(response), self.email, address)

    def _count(self, method: str, address: str, data: bytes | None) -> None:
        # Reading by data filter is a POST, and counts towards Google's quota of reads.
        if method.lower() == "get" or address.endswith(":getByDataFilter"):
            self.reads += 1
        else:
            self.writes += 1
            self.bytes_sent += len(data or b"")

    def _address(self, endpoint: str) -> str:
        for google_host, address in self._addresses.items():
            if endpoint.startswith(google_host):
                return address + endpoint[len(google_host) :]
        return endpoint


class SheetsClient:
    """What a sync needs of Google Sheets. `reads`, `writes` and `bytes_sent` count calls as sent, retries included."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def email(self) -> str:
        """The service account's address; "" for other credentials."""
        return self._transport.email

    @property
    def reads(self) -> int:
        return self._transport.reads

    @property
    def writes(self) -> int:
        return self._transport.writes

    @property
    def bytes_sent(self) -> int:
        """Bytes of the bodies of all writes."""
        return self._transport.bytes_sent

    def close(self) -> None:
        """Let go of the connections."""
        self._transport.session.close()

    def spreadsheet(self, spreadsheet: str) -> Json:
        """Tabs, ids and metadata, without any cell."""
        answer = self._transport.request("get", SPREADSHEET_URL % spreadsheet, params={"fields": STATE_FIELDS})
        document: Json = answer.json()
        return document

    def cells(self, spreadsheet: str, sheet_ids: Sequence[int]) -> Json:
        """What was entered in the cells of these tabs, found by id whatever they are called now."""
        body = {"dataFilters": [{"gridRange": {"sheetId": number}} for number in sheet_ids]}
        address = f"{SPREADSHEET_URL % spreadsheet}:getByDataFilter"
        answer = self._transport.request("post", address, params={"fields": CELL_FIELDS}, json=body)
        document: Json = answer.json()
        return document

    def comments(self, spreadsheet: str) -> Json:
        """The comments, and the cells that they are on; no other cell."""
        params = {"fields": THREAD_FIELDS, "commentsViewMode": "COMMENTS_VIEW_MODE_INCLUDED"}
        answer = self._transport.request("get", SPREADSHEET_URL % spreadsheet, params=params)
        document: Json = answer.json()
        return document

    def title(self, spreadsheet: str) -> str:
        """What people call the spreadsheet; the cheapest proof that it can be reached."""
        answer = self._transport.request("get", SPREADSHEET_URL % spreadsheet, params={"fields": "properties.title"})
        return str(answer.json().get("properties", {}).get("title", ""))

    def read_range(self, spreadsheet: str, cells: str) -> list[list[object]]:
        """The values of a range such as `Orders!A1:F`: numbers as numbers, dates as serial numbers, empty as None.

        `tab:inputs` is all of that tab of the bot's, however people have called it; nothing where there is none yet.
        """
        if cells.startswith(OF_A_TAB):
            block = read_state(self.spreadsheet(spreadsheet)).blocks.get(cells.removeprefix(OF_A_TAB))
            if block is None:
                return []
            cells = tab_in_a1(block.title)
        address = SPREADSHEET_VALUES_URL % (spreadsheet, quote(cells))
        params = {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "SERIAL_NUMBER"}
        rows = self._transport.request("get", address, params=params).json().get("values", [])
        return [[None if value == "" else value for value in row] for row in rows]

    def write_values(self, spreadsheet: str, ranges: Sequence[Json]) -> Json:
        """Write plain values into tabs found by id, all or none; answers their cells as they are then, as `write` does.

        PlanRefused when the spreadsheet is no longer as it was read.
        """
        body = {
            # As they are: nothing in them is parsed.
            "valueInputOption": "RAW",
            "includeValuesInResponse": True,
            "responseValueRenderOption": "FORMULA",
            "data": list(ranges),
        }
        address = f"{SPREADSHEET_URL % spreadsheet}{_VALUES_CALL}"
        fields = "responses(dataFilter,updatedData)"
        answer = self._transport.request("post", address, params={"fields": fields}, json=body).json()
        return written_cells(answer)

    def write(self, spreadsheet: str, batch: Sequence[Json], ranges: Sequence[str] = ()) -> Json:
        """Apply all requests or none; answers the cells of `ranges` as they are then.

        PlanRefused when the spreadsheet is no longer as it was read.
        """
        body: Json = {"requests": list(batch)}
        fields = "spreadsheetId"
        if ranges:
            body |= {"includeSpreadsheetInResponse": True, "responseIncludeGridData": True}
            body["responseRanges"] = list(ranges)
            fields = f"spreadsheetId,updatedSpreadsheet({WRITTEN_FIELDS})"
        address = SPREADSHEET_BATCH_UPDATE_URL % spreadsheet
        answer = self._transport.request("post", address, params={"fields": fields}, json=body).json()
        written: Json = answer.get("updatedSpreadsheet", {})
        return written


class _ServiceAccount(service_account.Credentials):
    """A key file that asks for tokens and nothing else.

    google-auth would also look up regional limits of the account at a fixed address: Sheets has none, and a call that
    no setting re-addresses has no place behind a firewall or in a test.
    """

    def _is_regional_access_boundary_lookup_required(self) -> bool:
        return False


def open_client(env: Mapping[str, str], patience: Patience | None = None) -> SheetsClient:
    """A client with the credentials that `env` points at, for Google or for the addresses that `env` gives.

    SheetAccessError without usable credentials.
    """
    addresses = {
        SHEETS_ADDRESS: env.get("KPI_SHEETS_API_URL", SHEETS_ADDRESS).rstrip("/"),
        DRIVE_ADDRESS: env.get("KPI_DRIVE_API_URL", DRIVE_ADDRESS).rstrip("/"),
    }
    return SheetsClient(Transport(_credentials(env.get(CREDENTIALS, "")), addresses, patience or Patience()))


def _credentials(path: str) -> Any:
    """A service account's key file, else whatever credentials this machine has by default."""
    try:
        if path:
            with open(path, encoding="utf-8") as file:  # noqa: PTH123 - the path is the environment's, as it stands
                account = json.load(file)
            if account.get("type") == "service_account":
                return _ServiceAccount.from_service_account_info(account, scopes=[SCOPE])  # type: ignore[no-untyped-call]
        credentials, _project = google.auth.default(scopes=[SCOPE])
    except OSError as error:
        raise no_credentials(f"{path} cannot be read ({error.strerror})") from error
    except (ValueError, AttributeError) as error:
        raise no_credentials(f"{path} is no key file of a service account") from error
    except DefaultCredentialsError as error:
        raise no_credentials(f"{CREDENTIALS} is not set and this machine has none of its own") from error
    return credentials


def _encoded(body: Any) -> bytes:
    """Compact JSON; a number that JSON does not know is a bug and not a cell."""
    # Letters as they are: escaped, a Korean one would take six bytes instead of three.
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _refuse(status: int, body: Json, email: str, address: str) -> NoReturn:
    spreadsheet = address.partition("/spreadsheets/")[2].partition(":")[0].partition("/")[0]
    error = refusal(status, body, email, spreadsheet, values=address.endswith(_VALUES_CALL))
    assert isinstance(error, Exception)
    raise error


def _body(response: requests.Response) -> Json:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _host(address: str) -> str:
    return "/".join(address.split("/")[:3])


def _reason(error: Exception) -> str:
    """The gist of a library's error, without addresses that may carry a token."""
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return str(error.args[0])[:200] if error.args else type(error).__name__


__all__ = ["Patience", "PlanRefused", "SheetsClient", "Transport", "open_client"]
