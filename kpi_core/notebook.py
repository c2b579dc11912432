"""KPIs in a notebook: the same answers as everywhere, as pandas frames.

import kpi_core

kpis = kpi_core.open("kpi.yaml")
kpis.ask("cac last-month by channel").frame()
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from kpi_core.access.doorway import Door
from kpi_core.access.operator import OPERATOR
from kpi_core.answering.engine import Engine
from kpi_core.answers import Answer
from kpi_core.catalog import load_catalog
from kpi_core.formats.answer_json import answer_json
from kpi_core.formats.answer_table import groups_table, trend_table
from kpi_core.questions.parse import parse_question
from kpi_core.settings.file import read_settings
from kpi_core.settings.values import Settings, fill
from kpi_core.warehouse.door import Warehouse, open_warehouse

if TYPE_CHECKING:
    import pandas as pd

_DAYS = "datetime64[s]"


@dataclass(frozen=True)
class Asked:
    """An answer with its ways out."""

    answer: Answer

    @property
    def value(self) -> float | None:
        """Full precision; percent KPIs are fractions; None where there is no data."""
        return self.answer.value

    def json(self) -> dict[str, Any]:
        """What `kpi ask --json` prints."""
        return answer_json(self.answer, "en")

    def frame(self) -> pd.DataFrame:
        """A row a group of the split, or one row without a split.

        Columns: the dimensions, the value under the KPI's id, its parts, and for each comparison `<basis>`,
        `<basis>_change` and `<basis>_change_ratio`; `folded` counts the groups of a row that sums up the rest.
        """
        import pandas as pd

        table = groups_table(self.answer)
        return pd.DataFrame(table.rows, columns=list(table.columns))

    def trend(self) -> pd.DataFrame:
        """A row a period of the trend: `start` and `end` (half-open local dates), `complete`, the value as its id."""
        import pandas as pd

        table = trend_table(self.answer)
        return pd.DataFrame(table.rows, columns=list(table.columns)).astype(dict.fromkeys(("start", "end"), _DAYS))


class Notebook:
    """A workspace to ask; a context manager, or `close()` it. It sees all that the data holds, as the terminal does."""

    def __init__(self, settings: Settings, warehouse: Warehouse) -> None:
        self.settings = settings
        self._warehouse = warehouse
        self._engine = Engine(settings, load_catalog(settings.catalog), warehouse)

    def ask(self, question: str, now: datetime | None = None) -> Asked:
        """The answer to words, as `kpi ask` understands them. QuestionError with suggestions where it does not.

        `now` is an aware instant, or a local time of the workspace; the present by default.
        """
        zone = self.settings.calendar.zone
        instant = datetime.now(UTC) if now is None else now if now.tzinfo else now.replace(tzinfo=zone)
        today = self._engine.today(instant)
        query = parse_question(question, self._engine.vocabulary(), self.settings.calendar, today)
        return Asked(Door(self._engine, OPERATOR).answer(query, instant))

    def close(self) -> None:
        """Give the data file free."""
        self._warehouse.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def open_notebook(path: str | Path, environment: Mapping[str, str] = os.environ) -> Notebook:
    """The workspace of a kpi.yaml. SettingsError with everything that is wrong in it."""
    settings = read_settings(Path(path))
    return Notebook(settings, open_warehouse(fill(settings.warehouse, environment, "warehouse"), settings.folder))
