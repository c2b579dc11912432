"""Other people's clients of Google Sheets, each pointed at a local one by its own means."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gspread
import httplib2
import pygsheets
from google.oauth2.service_account import Credentials

from sheets_sync.sandbox import LocalSheets

HOSTS = ("https://sheets.googleapis.com", "https://www.googleapis.com")
SCOPES = ["https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive"]


class LocalHttp(httplib2.Http):
    """httplib2 with Google's hosts re-addressed."""

    def __init__(self, url: str) -> None:
        """`url` is the local Sheets."""
        super().__init__(timeout=60)
        self.url = url

    def request(self, uri: str, *args: Any, **named: Any) -> Any:
        for host in HOSTS:
            uri = uri.replace(host, self.url)
        return super().request(uri, *args, **named)


class LocalClient(gspread.HTTPClient):
    """gspread's own client with Google's hosts re-addressed."""

    url = ""

    def request(self, method: str, endpoint: str, *args: Any, **named: Any) -> Any:
        for host in HOSTS:
            endpoint = endpoint.replace(host, self.url)
        return super().request(method, endpoint, *args, **named)


@contextmanager
def gspread_client(sheets: LocalSheets) -> Iterator[gspread.Client]:
    """Gspread signed in as the local service account."""
    credentials = Credentials.from_service_account_file(sheets.credentials_file, scopes=SCOPES)
    client = gspread.Client(credentials, http_client=LocalClient)
    client.http_client.url = sheets.url
    yield client
    client.http_client.session.close()


@contextmanager
def pygsheets_client(sheets: LocalSheets) -> Iterator[pygsheets.client.Client]:
    """Pygsheets signed in as the local service account."""
    credentials = Credentials.from_service_account_file(sheets.credentials_file, scopes=SCOPES)
    http = LocalHttp(sheets.url)
    yield pygsheets.authorize(custom_credentials=credentials, http=http)
    http.close()
