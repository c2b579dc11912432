"""A goal's next step becomes a task on Asana, Trello or monday.com, once; its state is read back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from kpi_core.boards.board import NewTask, make_task, read_task
from kpi_core.boards.stand_in import KEY, PLACE, STAND_INS, TOKEN
from kpi_core.errors import KpiBotError, SettingsError
from kpi_core.settings.values import BOARDS, Board, BoardTool
from kpi_core.sources.api.stand_ins.faults import FAULTS, Fault
from kpi_core.sources.api.stand_ins.loopback import Serving, serving

NEW = NewTask("입찰가 상한 {due}", 'CAC · November 2026: ₩41,000\n"at most" ₩40,000', date(2026, 12, 31))


class Standing:
    """A clock whose waits are over at once."""

    def now(self) -> datetime:
        return datetime(2026, 11, 28, 9, tzinfo=UTC)

    def wait(self, seconds: float) -> None:
        assert seconds < 400


@dataclass
class Side:
    board: Board
    stand_in: object
    running: Serving

    @property
    def environment(self) -> dict[str, str]:
        name = f"KPI_{self.board.tool.upper()}_API_URL"
        return {"BOARD_TOKEN": TOKEN, "BOARD_KEY": KEY, name: self.running.url}


@pytest.fixture(params=BOARDS)
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    tool: BoardTool = request.param
    stand_in = STAND_INS[tool]()
    due = "date4" if tool == "monday" else ""
    board = Board(tool, PLACE, "${BOARD_TOKEN}", "${BOARD_KEY}" if tool == "trello" else "", due=due)
    with serving(stand_in) as running:
        yield Side(board, stand_in, running)


def test_made_and_read_back(side: Side) -> None:
    """What is made has the name as it was given and the due day; done there is done here, and what is gone is None."""
    task = make_task(side.board, NEW, side.environment, Standing())
    assert (task.name, task.due, task.done) == (NEW.name, NEW.due, False)
    assert task.url.startswith("https://")
    side.stand_in.finish(task.id)  # type: ignore[attr-defined]
    now = read_task(side.board, task.id, side.environment, Standing())
    assert now is not None
    assert now.done
    assert read_task(side.board, "77", side.environment, Standing()) is None


@pytest.mark.parametrize("fault", FAULTS)
def test_a_task_is_sent_once(side: Side, fault: Fault) -> None:
    """Whatever goes wrong: one request, an error that says what to do, and no secret in it."""
    side.running.order.fault = fault
    # What has no list cannot lack rows.
    harmless = fault in {"empty_page", "doubled_page", "silent_cut"}
    with nullcontext() if harmless else pytest.raises(KpiBotError) as refused:
        make_task(side.board, NEW, side.environment, Standing())
    if refused is not None:
        told = f"{refused.value.message} {refused.value!r}"
        assert TOKEN not in told
        assert KEY not in told
        assert refused.value.hint
    assert len(side.running.order.requests) == 1


def test_nothing_secret_stands_in_an_address(side: Side) -> None:
    """Token and key travel in headers alone, and the settings do not show them."""
    make_task(side.board, NEW, side.environment, Standing())
    (request,) = side.running.order.requests
    assert TOKEN not in f"{request.path}{request.query}"
    assert "BOARD_TOKEN" not in repr(side.board)


def test_a_variable_that_is_not_set_is_named() -> None:
    """Without the token's variable nothing is asked."""
    with pytest.raises(SettingsError, match="BOARD_TOKEN"):
        make_task(Board("asana", PLACE, "${BOARD_TOKEN}"), NEW, {}, Standing())
