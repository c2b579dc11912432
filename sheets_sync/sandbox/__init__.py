"""A local Google Sheets: Sheets v4, Drive v3 and token calls, as far as the real gspread and google-auth make them.

    with start_sheets() as sheets:
        spreadsheet_id = sheets.create("Marketing")         # shared with sheets.client_email
        ...     # KPI_SHEETS_API_URL=sheets.url, KPI_DRIVE_API_URL=sheets.drive_url,
                # GOOGLE_APPLICATION_CREDENTIALS=sheets.credentials_file

Paths served, all on one loopback port:

    {url}/v4/spreadsheets…            the Sheets API (default host https://sheets.googleapis.com)
    {url}/drive/v3/files…             the Drive API (default host https://www.googleapis.com)
    {url}/upload/drive/v2/files/{id}  its import of CSV
    {url}/token                       OAuth: a signed assertion of the service account for an access token
    {url}/spreadsheets/d/{id}/edit    a page where a person can look at a spreadsheet; {url}/ lists all
    {url}/sandbox/…                   control: requests, state, faults, and a person who edits
"""

from __future__ import annotations

from sheets_sync.sandbox.running import LocalSheets, start_sheets

__all__ = ["LocalSheets", "start_sheets"]
