"""Files that people send: kept in a folder of the workspace, then added and loaded as `kpi add` does."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from bot.additions.added_card import AnsweredFile, Reached
from bot.running.loading import load_sources, newest_settings, sheet_reader_of
from bot.workspace import Workspace
from kpi_core.adding.addition import RATES, Added, add_files
from kpi_core.documents.amendments import with_text_in, write_whole
from kpi_core.documents.whole_files import replace_file
from kpi_core.errors import DataError
from kpi_core.loading.channels.channel_list import ChannelList
from kpi_core.loading.staged import SourceLoad

FOLDER = "uploads"
"""Beside kpi.yaml."""
_LONGEST_NAME = 60


class Inbox:
    """The files of one workspace. One is added at a time, and never while its jobs load: `turn` is theirs.

    All that is remembered of a file that waits for an answer is the file itself and the buttons of its question.
    """

    def __init__(
        self,
        workspace: Workspace,
        config: Path,
        clock: Callable[[], datetime],
        turn: AbstractContextManager[object] | None = None,
    ) -> None:
        self._workspace, self._config, self._clock = workspace, config, clock
        self._turn = turn or threading.Lock()
        self.folder = config.parent / FOLDER
        self._fresh: set[str] = set()

    def save(self, name: str, content: bytes) -> str:
        """Keep a file; its name here. The same content is kept once, another of the same name beside the first."""
        with self._turn:
            self.folder.mkdir(exist_ok=True)
            files = sorted(path for path in self.folder.iterdir() if path.is_file())
            alike = (path for path in files if path.stat().st_size == len(content) and path.read_bytes() == content)
            if (there := next(alike, None)) is not None:
                return there.name
            path = self._free(_plain_name(name), {file.name.casefold() for file in files})
            replace_file(path, content)
            self._fresh.add(path.name)
            return path.name

    def add(self, answered: AnsweredFile) -> Reached:
        """Add a file with all that was answered, and load its source. DataError where it is not here any more."""
        with self._turn:
            path = self._path(answered.file)
            if answered.channel:
                text = self._config.read_text("utf-8")
                write_whole(
                    self._config, with_text_in(text, "channels", answered.channel, answered.text, self._config.name)
                )
            item = self._added(path, answered.answers)
            if not item.source:
                return Reached(item, answered)
            load, channels = self._loaded(item)
            if item.state == "there" and (path.name in self._fresh or answered.text):
                # Of a source that reads the whole folder, a file that has just come is read before anybody adds it.
                item = replace(item, state="added")
            self._fresh.discard(path.name)
            texts = tuple(dict.fromkeys(each.text for each in load.uncovered if each.text))
            return Reached(item, answered, load.error, texts, channels)

    def _added(self, path: Path, answers: Mapping[str, str]) -> Added:
        workspace = self._workspace
        today = workspace.settings.calendar.today(self._clock())
        with sheet_reader_of(workspace) as reader:
            (item,) = add_files(
                [path], self._config, workspace.catalog, answers,
                inbox=self.folder, sheet_reader=reader, today=today,
            )  # fmt: skip
        return item

    def _loaded(self, item: Added) -> tuple[SourceLoad, tuple[str, ...]]:
        """What the load of its source was, and the channels that there are now. kpi.yaml may have changed since."""
        workspace = replace(self._workspace, config=self._config)
        names: tuple[str | None, ...] = (item.source, *item.beside)
        if item.look is not None and item.look.table == RATES:
            # What was left out for want of a rate may have one now.
            names = (None,)
        loads = [load for name in names for load in load_sources(workspace, self._clock(), only=name).sources]
        return next(load for load in loads if load.source == item.source), ChannelList(
            newest_settings(workspace).channels
        ).names

    def _path(self, name: str) -> Path:
        path = self.folder / _plain_name(name)
        if not path.is_file():
            hint = "Send it again."
            raise DataError(f"{name} is not here any more.", code="add_gone", hint=hint, params={"file": name})
        return path

    def _free(self, name: str, taken: set[str]) -> Path:
        """A name of its own for a new file."""
        stem, ending = PurePosixPath(name).stem, PurePosixPath(name).suffix
        names = [name, *(f"{stem}-{number}{ending}" for number in range(2, len(taken) + 3))]
        return self.folder / next(each for each in names if each.casefold() not in taken)


def _plain_name(name: str) -> str:
    """A name without folders, control characters and leading dots, short enough for every disk."""
    last = PurePosixPath(name.replace("\\", "/")).name
    letters = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").lstrip(". ")
    path = PurePosixPath(letters or "file")
    return f"{path.stem[:_LONGEST_NAME]}{path.suffix[:10]}"
