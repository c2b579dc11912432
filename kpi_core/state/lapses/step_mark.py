"""How far a state in a SQLite file has come, in a second file beside it: so a state that has lost its end is seen.

SQLite cannot tell by itself: where its write-ahead log was cut, left behind or replaced by an older copy, what comes
before is whole. The file is written after each commit and before anything is sent that rests on it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from kpi_core.frozen_dataclass import frozen

_WIDTH = 64
"""More bytes than the file ever has."""
_synced = getattr(os, "fdatasync", os.fsync)


@frozen
class Steps:
    """How many transactions an installation has written; `installation` tells one from another and opens nothing."""

    installation: str
    count: int


class StepMark:
    """The file `state.db-mark` beside `state.db`."""

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(f"{database.name}-mark")

    def read(self) -> Steps | None:
        """None where there is none, or none that can be read."""
        try:
            return _steps_in(self.path.read_bytes())
        except OSError:
            return None

    def write(self, steps: Steps) -> None:
        """Write it down unless another process has come further; a file that cannot be written stays as it is."""
        # A mark that lags behind finds less; a commit that has happened must not be called a failure for it.
        with suppress(OSError):
            file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                before = _steps_in(os.read(file, _WIDTH))
                if before is None or before.installation != steps.installation or before.count < steps.count:
                    os.lseek(file, 0, os.SEEK_SET)
                    # Of one width, so that it is written over in place: that works on a full disk, too.
                    os.write(file, f"{steps.installation} {steps.count:020}\n".encode("ascii"))
                    _synced(file)
            finally:
                os.close(file)


def _steps_in(content: bytes) -> Steps | None:
    try:
        installation, count = content.decode("ascii").split()
        return Steps(installation, int(count))
    except ValueError:
        return None
