"""A file of the Drive as a caller may open it."""

from __future__ import annotations

from sheets_sync.sandbox.api.api_call import Call
from sheets_sync.sandbox.api_errors import ApiError, file_not_found
from sheets_sync.sandbox.drive_files import File


def opened(call: Call, *, write: bool = False) -> File:
    """The file of the call's path; Drive says "not found" also for files that are not shared."""
    try:
        return call.files.opened(call.path["file"], call.email, write=write)
    except ApiError as refusal:
        hidden = refusal.code == 404 or call.files.file(call.path["file"]).role(call.email) is None
        raise (file_not_found(call.path["file"]) if hidden else refusal) from refusal
