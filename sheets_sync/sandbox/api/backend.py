"""What all routes of the local Sheets share."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from sheets_sync.sandbox.api.request_log import LoggedRequest
from sheets_sync.sandbox.api.service_account import Account
from sheets_sync.sandbox.api.sheets_faults import Faults
from sheets_sync.sandbox.drive_files import Files

LOG_LENGTH = 2000


@dataclass(slots=True)
class Backend:
    """What all routes share."""

    files: Files
    account: Account
    faults: Faults = field(default_factory=Faults)
    log: deque[LoggedRequest] = field(default_factory=lambda: deque(maxlen=LOG_LENGTH))
    token_uri: str = ""
    strict: bool = False
    """Refuse what Google's own description of its APIs does not know; needs google-api-python-client."""
