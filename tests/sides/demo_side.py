"""The demo company of a day, made once a run by whichever test comes first, in whichever worker."""

from __future__ import annotations

import fcntl
import os
import shutil
from datetime import date
from pathlib import Path

from bot.demo_workspace import demo_folder, demo_workspace
from bot.workspace import Workspace

FOLDER = "KPI_TESTS_FOLDER"
"""Where this run keeps what its tests share."""
FRIDAY = date(2026, 11, 20)


def shared_demo(today: date = FRIDAY) -> Workspace:
    """The company for those who only read."""
    folder = Path(os.environ[FOLDER])
    with (folder / f"demo of {today}").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        return demo_workspace({"XDG_CACHE_HOME": str(folder)}, today, lambda _step, _done, _total: None)


def own_demo(folder: Path, today: date = FRIDAY) -> Workspace:
    """A copy of its settings and warehouse in `folder`, to load into and to keep state in."""
    shared, environment = shared_demo(today).settings.folder, {"XDG_CACHE_HOME": str(folder)}
    place = demo_folder(environment) / today.isoformat()
    place.mkdir(parents=True)
    for name in ("kpi.yaml", "kpi.duckdb", "made-by"):
        shutil.copyfile(shared / name, place / name)
    return demo_workspace(environment, today, lambda _step, _done, _total: None)
