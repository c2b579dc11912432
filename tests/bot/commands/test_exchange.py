"""kpi import and kpi export: what is written, what is told on stderr, and the exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from bot.cli import main

PROJECT = """
semantic_models:
  - name: sales
    model: ref('fct_sales')
    defaults: {agg_time_dimension: sold_on}
    primary_entity: sale
    dimensions: [{name: sold_on, type: time, type_params: {time_granularity: day}}]
    measures: [{name: takings, agg: sum, expr: amount}]
metrics:
  - {name: takings, type: simple, type_params: {measure: takings}}
"""
CONVERSION = "  - {name: won, type: conversion, type_params: {}}\n"


def test_definitions_go_there_and_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of it is carried: 0. Into a folder that is not empty nothing is written."""
    (tmp_path / "shop.yml").write_text(PROJECT, "utf-8")
    (tmp_path / "kpi.yaml").write_text("company: x\ntimezone: UTC\ncurrency: USD\ncatalog: [mine]\n", "utf-8")
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["import", "dbt", "shop.yml", "--to", "own"]) == 0
    assert "Wrote 2 files to own; 0 refused" in capsys.readouterr().out
    assert yaml.safe_load((tmp_path / "own" / "models" / "fct_sales.yaml").read_text("utf-8"))["time"] == "sold_on"
    assert main(["import", "dbt", "shop.yml", "--to", "own"]) == 2
    assert "own is there already" in capsys.readouterr().err
    (tmp_path / "kpi.yaml").write_text("company: x\ntimezone: UTC\ncurrency: USD\ncatalog: [own]\n", "utf-8")
    assert main(["export", "dbt", "takings", "--to", "there"]) == 0
    assert main(["import", "dbt", "there", "--to", "again"]) == 0
    capsys.readouterr()
    assert main(["export", "osi", "takings"]) == 0
    (metric,) = yaml.safe_load(capsys.readouterr().out)["semantic_model"][0]["metrics"]
    assert metric["expression"]["dialects"][0]["expression"] == "(SUM(fct_sales.amount))"


def test_what_is_refused_is_told_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """1, for somebody can mend it; the rest is written. Files that define nothing are no silent success."""
    (tmp_path / "shop.yml").write_text(PROJECT + CONVERSION, "utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["import", "dbt", "shop.yml", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["files"] == ["definitions/metrics/takings.yaml", "definitions/models/fct_sales.yaml"]
    assert said["refused"][0].startswith("shop.yml:11:5: won: it follows people")
    (tmp_path / "other.yml").write_text("version: 2\n", "utf-8")
    assert main(["import", "osi", "other.yml", "--to", "new"]) == 2
    assert main(["import", "osi", "nowhere", "--to", "new"]) == 2
    assert "There is no YAML file in nowhere" in capsys.readouterr().err
