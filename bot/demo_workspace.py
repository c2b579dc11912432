"""Which workspace to open: a kpi.yaml, else the demo company, made when it is not there and the last few kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from bot.workspace import Tell, Workspace, cache_folder, settings_of
from kpi_core.catalog import load_catalog
from kpi_core.settings.values import find_settings

_DEMOS_KEPT = 3


def open_workspace(config: Path | None, environment: Mapping[str, str], now: datetime | None, tell: Tell) -> Workspace:
    """The workspace of `config`, else of ./kpi.yaml, else the demo company as of `now` or today."""
    path = find_settings(config, Path.cwd())
    if path is None:
        from kpi_core.demo.company import TIMEZONE

        return demo_workspace(environment, _today(now, TIMEZONE), tell)
    return Workspace(settings_of(path), environment)


def demo_workspace(environment: Mapping[str, str], today: date, tell: Tell) -> Workspace:
    """The demo company on the morning of `today`, made when it is not there yet."""
    folder = demo_folder(environment) / today.isoformat()
    # The warehouse is written last, so a demo that was interrupted is made anew.
    if not (folder / "kpi.duckdb").exists():
        build_demo(folder, today, environment, tell)
        _forget_old_demos(folder)
    return Workspace(replace(settings_of(folder / "kpi.yaml"), folder=folder), environment, is_demo=True)


def build_demo(folder: Path, today: date, environment: Mapping[str, str], tell: Tell) -> None:
    """Write the demo company's files, its kpi.yaml and its warehouse."""
    from kpi_core.demo.kpi_yaml import demo_kpi_yaml
    from kpi_core.demo.write import write_demo
    from kpi_core.loading.load import load
    from kpi_core.settings.file import read_settings

    tables = folder / "tables"
    write_demo(tables, today, progress=lambda name, number, count: tell(f"making {name}", number, count))
    (folder / "kpi.yaml").write_text(demo_kpi_yaml(tables, None, today), "utf-8")
    settings = read_settings(folder / "kpi.yaml")
    now = datetime.combine(today, datetime.min.time(), settings.calendar.zone)
    load(settings, load_catalog(), now=now, progress=tell, environment=environment)


def demo_folder(environment: Mapping[str, str]) -> Path:
    """Where demo companies are kept: the user's cache."""
    return cache_folder(environment) / "demo"


def _forget_old_demos(newest: Path) -> None:
    """Keep the demos last made; the folders of other days are only a cache."""
    from shutil import rmtree

    others = sorted(
        (folder for folder in newest.parent.iterdir() if folder != newest), key=lambda folder: folder.stat().st_mtime
    )
    for folder in others[: 1 - _DEMOS_KEPT]:
        rmtree(folder, ignore_errors=True)


def _today(now: datetime | None, timezone: str) -> date:
    from zoneinfo import ZoneInfo

    if now is not None and now.tzinfo is None:
        return now.date()
    return (now or datetime.now(UTC)).astimezone(ZoneInfo(timezone)).date()
