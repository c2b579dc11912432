"""What a bot remembers of its syncs with a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from kpi_core.frozen_dataclass import frozen

Left = Mapping[str, Mapping[str, str]]
"""Of one tab by row, then by column: a digest of what the last sync left in the cell."""


@frozen
class SheetEntry:
    """A sync that changed or told something, or failed; sentences in the workspace's language."""

    at: datetime
    cells: int = 0
    conflicts: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    error: str = ""


@frozen
class AlertAct:
    """What somebody did about an alert; `who` is a member's id in Slack, or words."""

    at: datetime
    who: str
    words: str


@frozen
class LoggedAlert:
    """An incident as a log shows it, in the workspace's language as it was told; empty what nobody wrote down.

    `kpis` are all that it touches: whoever may not see one of them is not to see it. `over` is since when it is.
    """

    id: str
    at: datetime
    kpis: frozenset[str]
    kpi: str
    where: Mapping[str, str]
    source: str
    state: str
    line: str
    kind: str = ""
    size: str = ""
    reason: str = ""
    owner: str = ""
    acts: tuple[AlertAct, ...] = ()
    over: datetime | None = None


@frozen
class SheetState:
    """How the last sync ended. `standing` was told and still holds; `left` is by tab."""

    at: datetime | None = None
    error: str = ""
    standing: tuple[str, ...] = ()
    left: Mapping[str, Left] = field(default_factory=dict)
