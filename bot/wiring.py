"""Puts the parts together: settings, catalogue, warehouse, state and engine of one workspace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kpi_core.catalog import load_catalog
from kpi_core.engine import Engine
from kpi_core.kept import folder_key, kept
from kpi_core.metrics import Catalog
from kpi_core.settings import Goal, Settings, fill, find_settings
from kpi_core.warehouse import Warehouse, open_warehouse

if TYPE_CHECKING:
    from kpi_core.query import MetricQuery
    from kpi_core.store import Store

Tell = Callable[[str, int, int | None], None]
"""Told of long work: the step, how many are done, of how many."""
_DEMOS_KEPT = 3


@dataclass(frozen=True)
class Workspace:
    """One kpi.yaml at work. Databases are opened when first used."""

    settings: Settings
    environment: Mapping[str, str]
    is_demo: bool = False

    @cached_property
    def catalog(self) -> Catalog:
        return load_catalog(self.settings.catalog)

    @cached_property
    def warehouse(self) -> Warehouse:
        url = fill(self.settings.warehouse, self.environment, "warehouse")
        return open_warehouse(url, self.settings.folder)

    @cached_property
    def store(self) -> Store:
        from kpi_core.store import open_store

        return open_store(fill(self.settings.state, self.environment, "state"), self.settings.folder)

    @cached_property
    def engine(self) -> Engine:
        return Engine(self.settings, self.catalog, self.warehouse, self._typed_goals)

    def question(self, text: str, now: datetime) -> MetricQuery:
        """The question that words ask at an aware instant. QuestionError when they ask none.

        One that was read before is kept until the day, the definitions or the data change.
        """
        engine, settings, version = self.engine, self.settings, self.warehouse.version()

        def read() -> MetricQuery:
            from kpi_core.question import parse_question

            return parse_question(text, engine.vocabulary(), settings.calendar, engine.today(now))

        if not version:
            return read()
        definitions = [folder_key(folder) for folder in settings.catalog if folder.is_dir()]
        data = f"{settings.folder.absolute()} {settings.warehouse} {version}"
        return kept("question", f"{data} {definitions} {settings.calendar!r} {engine.today(now)} {text}", read)

    def close(self) -> None:
        """Close what was opened."""
        for name in ("warehouse", "store"):
            if name in self.__dict__:
                getattr(self, name).close()

    def _typed_goals(self) -> tuple[Goal, ...]:
        """Goals typed in the Sheet; a workspace that never kept any state has none, and asking makes no file."""
        scheme, _, path = self.settings.state.partition(":///")
        if "store" not in self.__dict__ and scheme == "sqlite" and not (self.settings.folder / path).exists():
            return ()
        return self.store.goals()


def open_workspace(config: Path | None, environment: Mapping[str, str], now: datetime | None, tell: Tell) -> Workspace:
    """The workspace of `config`, else of ./kpi.yaml, else the demo company as of `now` or today."""
    path = find_settings(config, Path.cwd())
    if path is None:
        from kpi_core.demo.company import TIMEZONE

        return demo_workspace(environment, _today(now, TIMEZONE), tell)
    return Workspace(_settings(path), environment)


def demo_workspace(environment: Mapping[str, str], today: date, tell: Tell) -> Workspace:
    """The demo company on the morning of `today`, made when it is not there yet."""
    folder = demo_folder(environment) / today.isoformat()
    if not (folder / "kpi.duckdb").exists():
        build_demo(folder, today, environment, tell)
        _forget_old_demos(folder)
    return Workspace(replace(_settings(folder / "kpi.yaml"), folder=folder), environment, is_demo=True)


def _settings(path: Path) -> Settings:
    """The settings of a file; one without problems is kept until it changes, for the checks are many."""

    def read() -> Settings:
        from kpi_core.settings_file import read_settings

        return read_settings(path)

    found = kept("settings", f"{path.absolute()} {path.read_text('utf-8', 'replace')}", read)
    return found if all(folder.is_dir() for folder in found.catalog) else read()


def build_demo(folder: Path, today: date, environment: Mapping[str, str], tell: Tell) -> None:
    """Write the demo company's files, its kpi.yaml and its warehouse."""
    from kpi_core.demo.workspace import demo_kpi_yaml
    from kpi_core.demo.write import write_demo
    from kpi_core.loading import load
    from kpi_core.settings_file import read_settings

    tables = folder / "tables"
    write_demo(tables, today, progress=lambda name, number, count: tell(f"making {name}", number, count))
    (folder / "kpi.yaml").write_text(demo_kpi_yaml(tables, None, today), "utf-8")
    settings = read_settings(folder / "kpi.yaml")
    now = datetime.combine(today, datetime.min.time(), settings.calendar.zone)
    load(settings, load_catalog(), now=now, progress=tell, environment=environment)


def demo_folder(environment: Mapping[str, str]) -> Path:
    """Where demo companies are kept: the user's cache."""
    return cache_folder(environment) / "demo"


def cache_folder(environment: Mapping[str, str]) -> Path:
    """The user's cache: all that lies there can be made again."""
    cache = environment.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "kpi-bot"


def _today(now: datetime | None, timezone: str) -> date:
    from zoneinfo import ZoneInfo

    if now is not None and now.tzinfo is None:
        return now.date()
    return (now or datetime.now(UTC)).astimezone(ZoneInfo(timezone)).date()


def _forget_old_demos(newest: Path) -> None:
    """Keep the demos last made; the folders of other days are only a cache."""
    from shutil import rmtree

    others = sorted((each for each in newest.parent.iterdir() if each != newest), key=lambda each: each.stat().st_mtime)
    for each in others[: 1 - _DEMOS_KEPT]:
        rmtree(each, ignore_errors=True)
