"""Asana, Trello and monday.com: a task is made, and read again. What is asked of each stands in its YAML.

A task is never made twice by a retry: whatever was sent and not answered may have arrived, and a person looks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from kpi_core.documents.yaml_file import read_text
from kpi_core.errors import ServiceError
from kpi_core.frozen_dataclass import frozen
from kpi_core.settings.values import Board, fill
from kpi_core.sources import Clock
from kpi_core.sources.api.forms import Forms, forms_in
from kpi_core.sources.api.http import Line, base_of
from kpi_core.sources.api.outcomes import RefusedError
from kpi_core.sources.api.signing import Signer, signer_of
from kpi_core.sources.api.value_places import values_at

DONE = frozenset({"done", "완료", "완료됨", "完成", "已完成"})
"""Labels of a status column that mean done, where kpi.yaml names none."""
_LONGEST_NAME, _LONGEST_NOTES = 200, 4_000


@frozen
class Task:
    """A task as its board has it now."""

    id: str
    name: str
    url: str
    done: bool
    due: date | None


@frozen
class NewTask:
    """What is to be made."""

    name: str
    notes: str
    due: date


@frozen
class _Declared:
    """What stands in a board's YAML: its requests, its hosts, and where a task's facts stand in an answer."""

    forms: Forms
    hosts: tuple[str, ...]
    fields: Mapping[str, str]
    done: tuple[str, ...]


@cache
def _declared(tool: str) -> _Declared:
    document = read_text((files("kpi_core") / "boards" / f"{tool}.yaml").read_text("utf-8"), f"{tool}.yaml").value
    assert isinstance(document, dict)
    hosts, fields = tuple(document.pop("hosts")), document.pop("fields")
    done = tuple(document.pop("done", ()))
    return _Declared(forms_in(document), hosts, fields, done)


def make_task(board: Board, new: NewTask, environment: Mapping[str, str], clock: Clock) -> Task:
    """A new task. ServiceError where the board did not take it, or did not say whether it has."""
    due = new.due.isoformat()
    places = {"name": new.name[:_LONGEST_NAME], "notes": new.notes[:_LONGEST_NOTES], "due": due}
    values = {board.due: {"date": due}} if board.due else {}
    answer = _asked(board, "make", {**places, "values": json.dumps(values)}, environment, clock, 1)
    task = _task(board, answer)
    if task is None:
        raise _failure(board, "it answered without the task")
    return task


def read_task(
    board: Board, task: str, environment: Mapping[str, str], clock: Clock, attempts: int | None = None
) -> Task | None:
    """A task as it stands now; None where it is gone. ServiceError where the board does not answer."""
    try:
        return _task(board, _asked(board, "read", {"task": task}, environment, clock, attempts))
    except _GoneError:
        return None


class _GoneError(Exception):
    """The board has no such task any more."""


def _asked(  # noqa: PLR0913, PLR0917 - what is asked of whom, and how often
    board: Board, call: str, places: Mapping[str, str], environment: Mapping[str, str], clock: Clock,
    attempts: int | None,
) -> Any:  # fmt: skip
    declared = _declared(board.tool)
    token, key = (
        fill(text, environment, f"tasks, {name}") for name, text in (("token", board.token), ("key", board.key))
    )
    base = base_of(board.tool, declared.forms.base, declared.hosts, {}, environment)
    line = Line(board.tool, declared.forms, base, _signer(declared.forms, token, key), clock, [token, key])
    form = declared.forms.calls[call]
    try:
        document = line.ask(form, {"place": board.place, **places}, attempts=attempts)
    except RefusedError as error:
        reason = error.trouble.reason
        if call == "read" and reason.startswith("HTTP 404"):
            raise _GoneError from None
        raise _failure(board, reason, unsure=call == "make" and error.trouble.outcome == "retry_now") from None
    answers = values_at(document, form.rows) if form.rows else [document]
    return next(iter(answers), None)


def _signer(forms: Forms, token: str, key: str) -> Signer:
    if forms.sign.get("kind") == "trello":
        # https://developer.atlassian.com/cloud/trello/guides/rest-api/authorization/
        header = f'OAuth oauth_consumer_key="{key}", oauth_token="{token}"'
        return lambda _signing: {"Authorization": header}
    return signer_of(forms.sign, {"token": token, "key": key}.__getitem__, lambda: token)


def _task(board: Board, answers: Any) -> Task | None:
    if not isinstance(answers, Mapping):
        return None
    declared = _declared(board.tool)
    facts = {name: answers.get(place) for name, place in declared.fields.items()}
    columns = {cell.get("id"): cell.get("text") for cell in answers.get("column_values") or ()}
    if facts.get("id") is None:
        return None
    due = facts.get("due") or columns.get(board.due)
    return Task(
        id=str(facts["id"]),
        name=str(facts.get("name") or ""),
        url=str(facts.get("url") or ""),
        done=_is_done(board, declared, facts.get("done"), columns.get(board.status)),
        due=date.fromisoformat(str(due)[:10]) if due else None,
    )


def _is_done(board: Board, declared: _Declared, flag: object, label: str | None) -> bool:
    if declared.done:
        return str(flag).lower() in declared.done
    words = {board.done.casefold()} if board.done else DONE
    return bool(label) and str(label).casefold() in words


def _failure(board: Board, reason: str, *, unsure: bool = False) -> ServiceError:
    message = f"{board.tool} did not take the request: {reason}."
    hint = "Look there first: the task may have been made." if unsure else "Check tasks: in kpi.yaml and its token."
    return ServiceError(message, code="task_unsure" if unsure else "task_board", hint=hint, params={"tool": board.tool})
