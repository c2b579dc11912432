"""One try to add a file: the workspace as it stands, and what somebody has answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from pathlib import Path

from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Catalog
from kpi_core.settings.values import Settings
from kpi_core.sources import SheetReader


@frozen
class Attempt:
    """`scratch` is an empty folder of its own; `answers` say by `Question.about` what was chosen."""

    settings: Settings
    catalog: Catalog
    scratch: Path
    answers: Mapping[str, str] = field(default_factory=dict)
    sheet_reader: SheetReader | None = None
    """Reads Google Sheets, where the rates lie in one."""
    today: date | None = None
