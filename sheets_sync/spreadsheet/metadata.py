"""Developer metadata: what of a spreadsheet is ours, and ids of our own choice."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import sha256
from itertools import count

from sheets_sync.spreadsheet.batches import Json
from sheets_sync.spreadsheet.state import COLUMN_KEY


def chosen_id(name: str, taken: Collection[int]) -> int:
    """An id of our own: the same for the same name, the next free one if somebody has it."""
    # Google's ids are positive and of 32 signed bits; 0 is the one that its answers leave out.
    first = int.from_bytes(sha256(name.encode()).digest()[:4]) & 0x7FFF_FFFF
    return next(number for step in count() if (number := (first + step) % 0x7FFF_FFFF or 1) not in taken)


def create_metadata(number: int, key: str, value: str, sheet_id: int | None) -> Json:
    """Readable to other projects too (DOCUMENT), so that a new installation finds the tabs of the old one."""
    location: Json = {"spreadsheet": True} if sheet_id is None else {"sheetId": sheet_id}
    entry = {
        "metadataId": number,
        "metadataKey": key,
        "metadataValue": value,
        "location": location,
        "visibility": "DOCUMENT",
    }
    return {"createDeveloperMetadata": {"developerMetadata": entry}}


def update_metadata(number: int, value: str) -> Json:
    return {
        "updateDeveloperMetadata": {
            "dataFilters": [{"developerMetadataLookup": {"metadataId": number}}],
            "developerMetadata": {"metadataValue": value},
            "fields": "metadataValue",
        }
    }


def create_column_mark(number: int, key: str, sheet_id: int, column: int) -> Json:
    """A mark that goes where people move the column."""
    where = {"sheetId": sheet_id, "dimension": "COLUMNS", "startIndex": column, "endIndex": column + 1}
    entry = {
        "metadataId": number,
        "metadataKey": COLUMN_KEY,
        "metadataValue": key,
        "location": {"dimensionRange": where},
        "visibility": "DOCUMENT",
    }
    return {"createDeveloperMetadata": {"developerMetadata": entry}}


def delete_metadata(number: int) -> Json:
    return {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataId": number}}}}
