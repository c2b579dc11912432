"""The real gspread with each call sent to the local Sheets, as production does it."""

from __future__ import annotations

from typing import Any

import gspread
from google.oauth2.service_account import Credentials

from sheets_sync.sandbox import LocalSheets

SCOPES = ["https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive"]


class LocalClient(gspread.HTTPClient):
    """gspread's own client with each call sent to another address."""

    url = ""

    def request(self, method: str, endpoint: str, *args: Any, **named: Any) -> Any:
        for host in ("https://sheets.googleapis.com", "https://www.googleapis.com"):
            endpoint = endpoint.replace(host, self.url)
        return super().request(method, endpoint, *args, **named)


def opened(sheets: LocalSheets, scopes: list[str]) -> gspread.Client:
    credentials = Credentials.from_service_account_file(sheets.credentials_file, scopes=scopes)
    client = gspread.Client(credentials, http_client=LocalClient)
    client.http_client.url = sheets.url
    client.http_client.set_timeout(60)
    return client
