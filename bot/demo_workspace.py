"""Which workspace to open: a kpi.yaml, else the demo company, made when it is not there and the last few kept.

A company of an earlier day grows by its new days: the same as making it anew, in a third of the time.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

from bot.workspace import Tell, Workspace, cache_folder, settings_of
from kpi_core.cache import product
from kpi_core.catalog import load_catalog
from kpi_core.errors import KpiBotError
from kpi_core.settings.values import Settings, Source, find_settings

_DEMOS_KEPT = 3
_WAREHOUSE = "kpi.duckdb"
_GROWING = "growing.duckdb"
_MADE_BY = "made-by"
"""The file of a demo's folder that tells of which product it is: rows of two products are never put together."""


def open_workspace(config: Path | None, environment: Mapping[str, str], now: datetime | None, tell: Tell) -> Workspace:
    """The workspace of `config`, else of ./kpi.yaml, else the demo company as of `now` or today."""
    path = find_settings(config, Path.cwd())
    if path is None:
        from kpi_core.demo.company import TIMEZONE

        return demo_workspace(environment, _today(now, TIMEZONE), tell)
    return Workspace(settings_of(path), environment, config=path)


def demo_workspace(environment: Mapping[str, str], today: date, tell: Tell) -> Workspace:
    """The demo company on the morning of `today`, made when it is not there yet."""
    folder = demo_folder(environment) / today.isoformat()
    # The warehouse is written last, so a demo that was interrupted is made anew.
    if not (folder / _WAREHOUSE).exists():
        earlier = earlier_demo(folder.parent, today)
        if earlier is None or not _is_grown(earlier, folder, today, environment, tell):
            build_demo(folder, today, environment, tell)
        _forget_old_demos(folder)
    return Workspace(replace(settings_of(folder / "kpi.yaml"), folder=folder), environment, is_demo=True)


def build_demo(folder: Path, today: date, environment: Mapping[str, str], tell: Tell) -> None:
    """Write the demo company's files, its kpi.yaml and its warehouse."""
    from kpi_core.demo.write import write_demo
    from kpi_core.loading.load import load

    write_demo(folder / "tables", today, progress=lambda name, number, count: tell(f"making {name}", number, count))
    settings = _written_settings(folder, today)
    _dated(folder / "tables", _morning(settings, today))
    load(settings, load_catalog(), now=_morning(settings, today), progress=tell, environment=environment)
    _enter_late_bill(settings, folder / "tables", today, environment)


def _written_settings(folder: Path, today: date) -> Settings:
    """The demo's kpi.yaml, written over the tables of its folder, as settings."""
    from kpi_core.demo.kpi_yaml import demo_kpi_yaml

    (folder / "kpi.yaml").write_text(demo_kpi_yaml(folder / "tables", None, today), "utf-8")
    (folder / _MADE_BY).write_text(_product(), "utf-8")
    return settings_of(folder / "kpi.yaml")


def _dated(tables: Path, morning: datetime) -> None:
    """Let the files be of the morning of the load, so that nobody takes them for newer than it and loads them again."""
    for file in tables.glob("*.parquet"):
        os.utime(file, (morning.timestamp(), morning.timestamp()))


def _morning(settings: Settings, today: date) -> datetime:
    return datetime.combine(today, datetime.min.time(), settings.calendar.zone)


def _product() -> str:
    return sha256(product().encode()).hexdigest()


def earlier_demo(demos: Path, today: date) -> Path | None:
    """The newest company of an earlier day that this product has made and whose shop opened on the same day."""
    from kpi_core.demo.seasons import first_day

    own = _product()
    for warehouse in sorted(demos.glob(f"*-*-*/{_WAREHOUSE}"), reverse=True):
        folder, made_by = warehouse.parent, warehouse.with_name(_MADE_BY)
        day = _day_named(folder.name)
        if day is None or day >= today or first_day(day) != first_day(today):
            continue
        if made_by.exists() and made_by.read_text("utf-8") == own:
            return folder
    return None


def _day_named(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None


def _is_grown(earlier: Path, folder: Path, today: date, environment: Mapping[str, str], tell: Tell) -> bool:
    """Make the company of `today` out of an earlier one; False where that cannot be read, or there is no room."""
    from shutil import copyfile

    growing = folder / _GROWING
    try:
        folder.mkdir(parents=True, exist_ok=True)
        copyfile(earlier / _WAREHOUSE, growing)
        settings = replace(_written_settings(folder, today), folder=folder, warehouse=f"duckdb:///{_GROWING}")
        days = date.fromisoformat(earlier.name), today
        # Accepted, for a company that is made today knows of no other past: nothing depends on when it was last opened.
        live_on(settings, folder / "tables", days, environment, tell, accept=True)
        _dated(folder / "tables", _morning(settings, today))
        _enter_late_bill(settings, folder / "tables", today, environment)
    except (KpiBotError, OSError):
        growing.unlink(missing_ok=True)
        return False
    growing.with_name(f"{_GROWING}.lock").unlink(missing_ok=True)
    growing.replace(folder / _WAREHOUSE)
    return True


def live_on(  # noqa: PLR0913  (a company, its two days, and who is told)
    settings: Settings,
    tables: Path,
    days: tuple[date, date],
    environment: Mapping[str, str],
    tell: Tell,
    *,
    accept: bool = False,
) -> None:
    """Let the company of the morning of the first day live on until that of the second, and load what happened.

    `tables` is the folder for the new rows. With `accept`, nothing is said of days that are now others than before.
    """
    from kpi_core.demo.write import write_demo
    from kpi_core.loading.load import load

    since, today = days
    write_demo(
        tables, today, since=since, progress=lambda name, number, count: tell(f"making {name}", number, 2 * count)
    )
    load(
        replace(settings, sources=tuple(_moved(source, tables) for source in settings.sources)),
        load_catalog(settings.catalog),
        now=_morning(settings, today),
        accept=accept,
        progress=lambda step, done, total: tell(step, (total or 0) + done, 2 * (total or done)),
        environment=environment,
    )


def _enter_late_bill(settings: Settings, tables: Path, today: date, environment: Mapping[str, str]) -> None:
    """Load the costs as they were before a bill of the last week, then with it, so that the demo tells of it."""
    from kpi_core.demo.planted_facts import fresh_bill
    from kpi_core.demo.write import write_costs_before
    from kpi_core.loading.load import load

    bill = fresh_bill(today)
    if bill is None:
        return
    before = tables / "before the bill"
    before.mkdir(exist_ok=True)
    write_costs_before(bill, tables / "costs.parquet", before / "costs.parquet")
    for place, accept in ((before, True), (tables, False)):
        moved = replace(settings, sources=tuple(_moved(source, place) for source in settings.sources))
        now = _morning(settings, today)
        load(moved, load_catalog(), now=now, only="costs", accept=accept, environment=environment)


def _moved(source: Source, tables: Path) -> Source:
    return replace(source, options={**source.options, "path": str(tables / f"{source.table}.parquet")})


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
