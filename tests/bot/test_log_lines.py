"""The log of `kpi run`: one id for all lines of a request or a job, never a secret."""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.log_lines import JsonLines, Secrets, TextLines, current_id, under_an_id


def line(message: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord("kpi_bot.slack", logging.WARNING, "file", 1, message, arguments, None)


@pytest.mark.parametrize(
    "text",
    [
        "xoxb-1234567890-abcdefghij",
        "xapp-1-A0B1-2-cafe",
        "hunter2hunter2",
        "postgresql://kpi:s3cret!pw@db.example/kpi",
        "Authorization: Bearer eyJhbGciOi.abc-def",
    ],
)
def test_no_line_holds_a_secret(text: str) -> None:
    """Neither one that the environment names nor one that has the shape of a token or a password."""
    secrets = Secrets(["hunter2hunter2"])
    for lines in (TextLines(secrets), JsonLines(secrets)):
        written = lines.format(line("It failed: %s (again)", text))
        assert "It failed" in written
        assert "(again)" in written
        for part in ("1234567890", "cafe", "hunter2", "s3cret", "eyJ"):
            assert part not in written


@given(st.text(st.characters(codec="utf-8"), min_size=6, max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_a_secret_of_any_signs_is_hidden(secret: str, before: str, after: str) -> None:
    """Whatever stands around it."""
    assert secret not in Secrets([secret]).hide(f"{before}{secret}{after}").replace("***", "\0")


def test_short_values_hide_no_words() -> None:
    """A variable whose value is "on" leaves the log readable."""
    assert Secrets(["on", ""]).hide("one load is on its way") == "one load is on its way"


def test_all_lines_of_a_request_carry_its_id() -> None:
    """Also those of the threads that work for it; the next request has another, and outside there is none."""
    json_lines = JsonLines(Secrets([]))
    with under_an_id() as first:
        assert json.loads(json_lines.format(line("a")))["id"] == first
        with ThreadPoolExecutor() as pool:
            assert pool.submit(copy_context().run, current_id).result() == first
    with under_an_id() as second:
        assert f"[{second}]" in TextLines(Secrets([])).format(line("b"))
    assert first != second
    assert json.loads(json_lines.format(line("c")))["id"] is None


def test_a_json_line_is_one_line_without_values_of_a_traceback() -> None:
    """Line breaks in a message stay inside; what a traceback would quote is left out."""
    try:
        int("customer 4711")
    except ValueError as error:
        record = line("two\nlines")
        record.exc_info = (type(error), error, error.__traceback__)
    written = JsonLines(Secrets([])).format(record)
    assert "\n" not in written
    assert "4711" not in written
    assert json.loads(written)["message"] == "two\nlines"
