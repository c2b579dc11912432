"""One call of the API: who asks, for what, and the state it reads or changes."""

from __future__ import annotations

from kpi_core.frozen_dataclass import frozen
from sheets_sync.sandbox.api_errors import permission_denied
from sheets_sync.sandbox.contents.cell_reader import Reader
from sheets_sync.sandbox.document.spreadsheet import Json, Spreadsheet
from sheets_sync.sandbox.drive_files import Files


@frozen
class Call:
    """One request: who asks, the parts of its path, its query (each name may come many times) and its JSON body."""

    files: Files
    email: str
    path: dict[str, str]
    query: dict[str, list[str]]
    body: Json

    def option(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[-1]

    def flag(self, name: str) -> bool:
        return self.option(name).lower() == "true"

    def state(self) -> Spreadsheet:
        return self.files.opened(self.path["spreadsheet"], self.email).spreadsheet

    def draft(self) -> Spreadsheet:
        """A copy to change; `keep` makes it the newest state."""
        return self.files.opened(self.path["spreadsheet"], self.email, write=True).spreadsheet.copy()

    def keep(self, draft: Spreadsheet) -> None:
        self.files.replace(self.files.file(draft.spreadsheet_id), draft)

    def reader(self, spreadsheet: Spreadsheet) -> Reader:
        return Reader(spreadsheet, self.files.clock())


def refuse_create(call: Call) -> None:
    """Google lets new service accounts own no files: the local Sheets does the same when told to."""
    if call.files.refuses_new_files:
        raise permission_denied()
