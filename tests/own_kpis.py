"""A team's own definitions, as short as tests can write them: tables, KPIs, and the engine on little rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from kpi_core.answering.engine import Engine
from kpi_core.answers import Answer
from kpi_core.catalog import load_catalog
from kpi_core.metrics import Catalog
from kpi_core.questions.parse import parse_question

from tables import Row, engine_on

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def kpi(kpi_id: str, formula: str, inputs: Mapping[str, Any], **other: Any) -> dict[str, Any]:
    """A KPI as its file has it; what no number depends on is made up."""
    words = dict.fromkeys(("en", "ko", "zh-TW"), kpi_id.replace("_", " "))
    plain = {
        "id": kpi_id, "names": words, "description": words, "type": "derived", "formula": formula, "inputs": inputs,
        "unit": "count", "direction": "higher", "stage": "all", "cadence": "daily", "indicator": "lagging",
        "audiences": [], "reading": "As it says.",
    }  # fmt: skip
    return plain | other


def written(folder: Path, *definitions: Mapping[str, Any]) -> Path:
    """The folder with a file for each definition; YAML reads JSON."""
    folder.mkdir(exist_ok=True)
    for definition in definitions:
        name = definition.get("id") or definition.get("model")
        (folder / f"{name}.yaml").write_text(json.dumps(definition))
    return folder


def own_catalog(folder: Path, *definitions: Mapping[str, Any]) -> Catalog:
    """The built-in catalogue with these definitions."""
    return load_catalog([written(folder, *definitions)])


def own_engine(path: Path, catalog: Catalog, tables: Mapping[str, Iterable[Row]], **changes: Any) -> Engine:
    """An engine on these tables."""
    return engine_on(path, tables, catalog=catalog, **changes)


def ask(engine: Engine, question: str, now: datetime = NOW) -> Answer:
    """The answer to a question in words."""
    calendar = engine.settings.calendar
    return engine.answer(parse_question(question, engine.vocabulary(), calendar, calendar.today(now)), now)


def groups(answer: Answer) -> dict[Any, float | None]:
    """The value of each group of a split: by its name, or by the names of a split of several."""
    rows = answer.breakdown or ()
    return {row.keys[0] if len(row.keys) == 1 else row.keys: row.value for row in rows}


def day(text: str) -> date:
    return date.fromisoformat(text)
