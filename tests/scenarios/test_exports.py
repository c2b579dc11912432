"""Export files as tools write them, in a folder beside the checkout, through `kpi load` and `kpi ask` with a layout."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from kpi_core.answering.engine import Engine
from kpi_core.catalog import load_catalog
from kpi_core.layouts.export_layout import layouts
from kpi_core.loading.load import load
from kpi_core.questions.parse import parse_question
from kpi_core.settings.file import read_settings
from kpi_core.warehouse.duckdb import DuckDBWarehouse

EXPORTS = Path(__file__).parents[3] / "shared" / "exports"
EXPECTED = EXPORTS / "expected.json"
RIGHT: Mapping[str, Any] = json.loads(EXPECTED.read_text("utf-8")) if EXPECTED.is_file() else {"files": {}}
CATALOG = load_catalog()
TOOLS = {
    "91app_orders", "cafe24_orders", "hubspot_contacts", "mailchimp_campaigns", "naver_smartstore_orders",
    "shopify_orders", "typeform_responses",
}  # fmt: skip
FILES = {name: right for name, right in RIGHT["files"].items() if right["tool"] in TOOLS and right["table"]}


@pytest.mark.skipif(not FILES, reason=f"{EXPECTED} is not there")
@pytest.mark.parametrize("name", FILES or ["none"])
def test_answers_of_an_export(name: str, tmp_path: Path) -> None:
    """The rows and the answers are those that whoever made the file knows; what waits for an answer loads no row."""
    right = FILES[name]
    layout_id = next(each.id for each in layouts().values() if each.tool == right["tool"])
    source = {"name": "given", "type": "xlsx" if name.endswith("xlsx") else "csv", "path": str(EXPORTS / name)}
    source |= {"table": right["table"], "layout": layout_id}
    (tmp_path / "kpi.yaml").write_text(
        yaml.safe_dump({"company": "Made up", **right["workspace"], "sources": [source]}), "utf-8"
    )
    settings = read_settings(tmp_path / "kpi.yaml")
    now = datetime.fromisoformat(RIGHT["now"]).replace(tzinfo=ZoneInfo(right["workspace"]["timezone"]))
    (report,) = load(settings, CATALOG, now=now).sources
    assert report.error is None, report.error
    if any(question["must"] for question in right["questions"]):
        assert (report.rows, [each.is_open for each in report.rejections]) == (0, [True])
        return
    assert (report.rows, report.rejections) == (right["rows"], ())
    counted = sum(each.rows for each in report.left_out)
    assert counted >= sum(each["rows"] for each in right["left_out"] if each["must"])
    with closing(DuckDBWarehouse(tmp_path / "kpi.duckdb")) as warehouse:
        engine = Engine(settings, CATALOG, warehouse)
        for answer in right["answers"]:
            query = parse_question(answer["ask"], engine.vocabulary(), settings.calendar, engine.today(now))
            value = engine.answer(query, now).value
            close = [
                value == pytest.approx(each, rel=1e-4, abs=1e-6) for each in (answer["value"], *answer.get("or", []))
            ]
            assert any(close), (answer["ask"], value)
