"""What a KPI is, and what it was worth in a period; knows nothing of Slack or Sheets.

import kpi_core

kpi_core.open("kpi.yaml").ask("cac last-month by channel").frame()
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from kpi_core.notebook import Notebook


def open(path: str | Path = "kpi.yaml") -> Notebook:  # noqa: A001  (`kpi_core.open` says what it does)
    """The workspace of a kpi.yaml, to ask in a notebook. SettingsError with everything that is wrong in it."""
    # Whoever imports a room of this package need not load all of it.
    from kpi_core.notebook import open_notebook

    return open_notebook(path)
