"""The Drive of the local Sheets: spreadsheets as files with an owner, permissions, comments and an undo history."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sheets_sync.sandbox.api_errors import not_found, permission_denied
from sheets_sync.sandbox.document.spreadsheet import Json, Spreadsheet, new_spreadsheet

PERSON = "person@example.com"
"""Who owns the files that people make here."""
EDITOR = "editor@example.com"
"""Somebody of the team, with whom a file is shared as with most of it: to edit."""
EDITORS = frozenset(["owner", "organizer", "fileOrganizer", "writer"])
HISTORY = 100
MOST_CELLS_OF_VERSIONS = 200_000
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def may_edit(guard: Json, email: str) -> bool:
    """Whether somebody may edit what a ProtectedRange covers: the owner may, and a guard that only warns lets all."""
    editors = guard.get("editors")
    return email == PERSON or bool(guard.get("warningOnly")) or editors is None or email in editors.get("users", [])


@dataclass(slots=True)
class File:
    """`history` holds the states before each of a person's edits, `versions` those before any change; newest last."""

    spreadsheet: Spreadsheet
    created: datetime
    modified: datetime
    permissions: list[Json] = field(default_factory=list)
    history: list[Spreadsheet] = field(default_factory=list)
    versions: list[Spreadsheet] = field(default_factory=list)

    @property
    def file_id(self) -> str:
        return self.spreadsheet.spreadsheet_id

    def role(self, email: str) -> str | None:
        """What somebody may do with the file: their own permission, else the one for anyone with the link."""
        for permission in self.permissions:
            if permission.get("emailAddress") == email:
                return str(permission["role"])
        for permission in self.permissions:
            if permission["type"] == "anyone":
                return str(permission["role"])
        return None


class Files:
    """All files. Every reader and writer holds `lock`; `base_url` is where people open a file."""

    def __init__(self, clock: Clock = utc_now, base_url: str = "http://127.0.0.1") -> None:
        """`clock` answers an aware time."""
        self.clock = clock
        self.base_url = base_url
        # Taken twice by one thread: the control API holds it while a person's edit takes it again.
        self.lock = threading.RLock()
        self.refuses_new_files = False
        self.watchers: list[Callable[[], None]] = []
        self._files: dict[str, File] = {}
        self._made = 0

    def create(self, properties: Json, owner: str = PERSON) -> File:
        """A new spreadsheet that belongs to `owner` alone."""
        self._made += 1
        digest = hashlib.sha256(f"spreadsheet {self._made}".encode()).hexdigest()
        # 44 characters, as many as Google's ids have.
        file_id = f"1Local{digest[:38]}"
        spreadsheet = new_spreadsheet(file_id, f"{self.base_url}/spreadsheets/d/{file_id}/edit", properties)
        return self._add(spreadsheet, owner)

    def copy(self, file: File, title: str, owner: str) -> File:
        """A copy under a new id, shared with nobody but its owner."""
        made = self.create({"title": title}, owner)
        copied = file.spreadsheet.copy()
        copied.spreadsheet_id, copied.url = made.file_id, made.spreadsheet.url
        copied.properties["title"] = title
        made.spreadsheet = copied
        return made

    def _add(self, spreadsheet: Spreadsheet, owner: str) -> File:
        now = self.clock()
        file = File(spreadsheet, now, now)
        self._files[file.file_id] = file
        self.share(file.file_id, owner, "owner")
        return file

    def share(self, file_id: str, email: str, role: str = "writer", kind: str = "user") -> Json:
        """Give (or change) a permission; `kind` "anyone" needs no e-mail."""
        file = self.file(file_id)
        file.permissions = [one for one in file.permissions if one.get("emailAddress", "anyone") != (email or "anyone")]
        number = "anyoneWithLink" if kind == "anyone" else str(int(hashlib.sha256(email.encode()).hexdigest()[:15], 16))
        permission: Json = {"kind": "drive#permission", "id": number, "type": kind, "role": role}
        if email:
            permission["emailAddress"] = email
        file.permissions.append(permission)
        return permission

    def unshare(self, file_id: str, email: str) -> None:
        file = self.file(file_id)
        file.permissions = [one for one in file.permissions if one.get("emailAddress") != email]

    def file(self, file_id: str) -> File:
        if file_id not in self._files:
            raise not_found()
        return self._files[file_id]

    def opened(self, file_id: str, email: str, *, write: bool = False) -> File:
        """The file if that person may read (or write) it, else a 403; a 404 when there is none."""
        file = self.file(file_id)
        role = file.role(email)
        if role is None or (write and role not in EDITORS):
            raise permission_denied()
        return file

    def shared_with(self, email: str) -> list[File]:
        """The files that somebody can open, oldest first."""
        return [file for file in self._files.values() if file.role(email) is not None]

    def all(self) -> list[File]:
        return list(self._files.values())

    def delete(self, file_id: str) -> None:
        self._files.pop(file_id)

    def replace(self, file: File, state: Spreadsheet) -> None:
        """Take the state over as the newest."""
        file.versions = _newest([*file.versions, file.spreadsheet])
        file.spreadsheet = state
        file.modified = self.clock()
        self.changed()

    def changed(self) -> None:
        """Tell those who watch that there is something new to see; they are called in the thread that changed it."""
        for watcher in self.watchers:
            watcher()


def _newest(versions: list[Spreadsheet]) -> list[Spreadsheet]:
    """As many as memory is lent to, the newest in any case."""
    cells = 0
    for number, version in enumerate(reversed(versions)):
        cells += sum(len(sheet.cells) for sheet in version.sheets)
        if number and (number >= HISTORY or cells > MOST_CELLS_OF_VERSIONS):
            return versions[-number:]
    return versions
