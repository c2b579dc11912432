"""The small checks that the rules for blocks are made of; each yields lines in Slack's wording."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

Json = dict[str, Any]
ANY_TEXT = ("plain_text", "mrkdwn")
COMMON_KEYS = frozenset({"type", "block_id", "action_id"})


def problem(at: str, message: str) -> str:
    """One line as Slack puts it into response_metadata.messages; `at` is a JSON pointer."""
    return f"[ERROR] {message} [json-pointer:{at}]"


def keys(block: Json, at: str, *properties: str) -> Iterator[str]:
    """Properties that Slack does not know."""
    for key in block.keys() - COMMON_KEYS - set(properties):
        yield problem(at, f"invalid additional property: {key}")


def missing(at: str, key: str) -> str:
    return problem(at, f"missing required field: {key}")


def string(block: Json, key: str, at: str, *, most: int, required: bool = False) -> Iterator[str]:
    """A plain string of 1 to `most` characters."""
    if key not in block:
        if required:
            yield missing(at, key)
        return
    value = block[key]
    if not isinstance(value, str):
        yield problem(f"{at}/{key}", "must be a string")
    else:
        yield from _length(value, f"{at}/{key}", most)


def text(  # noqa: PLR0913 - one keyword a limit reads best where it is used
    block: Json, key: str, at: str, *, most: int, kinds: Collection[str] = ANY_TEXT, required: bool = False
) -> Iterator[str]:
    """A text object of 1 to `most` characters under `key`."""
    if key not in block:
        if required:
            yield missing(at, key)
        return
    yield from text_object(block[key], f"{at}/{key}", most=most, kinds=kinds)


def text_object(value: object, at: str, *, most: int, kinds: Collection[str] = ANY_TEXT) -> Iterator[str]:
    if not isinstance(value, dict) or value.get("type") not in kinds:
        yield problem(at, f"failed to match all allowed schemas: must be {' or '.join(kinds)}")
        return
    # Each of the two kinds refuses the harmless switch of the other.
    properties = {"type", "text", "emoji"} if value["type"] == "plain_text" else {"type", "text", "verbatim"}
    for extra in value.keys() - properties:
        yield problem(at, f"invalid additional property: {extra}")
    if not isinstance(value.get("text"), str):
        yield missing(at, "text")
    else:
        yield from _length(value["text"], f"{at}/text", most)


def size(  # noqa: PLR0913 - as text
    block: Json, key: str, at: str, *, most: int, least: int = 1, required: bool = True
) -> Iterator[str]:
    """An array of `least` to `most` items."""
    if key not in block:
        if required:
            yield missing(at, key)
        return
    value = block[key]
    if not isinstance(value, list):
        yield problem(f"{at}/{key}", "must be an array")
    elif len(value) > most:
        yield problem(f"{at}/{key}", f"no more than {most} items allowed")
    elif len(value) < least:
        yield problem(f"{at}/{key}", f"no less than {least} items allowed")


def entries(block: Json, key: str, at: str) -> Iterator[tuple[Any, str]]:
    """The items of an array with their pointers; nothing where there is no array."""
    value = block.get(key)
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield item, f"{at}/{key}/{index}"


def number(block: Json, key: str, at: str, *, least: int, most: int) -> Iterator[str]:
    """A whole number between `least` and `most`, where it is given."""
    value = block.get(key, least)
    # In Python True is an int, in JSON it is no number.
    if isinstance(value, bool) or not isinstance(value, int):
        yield problem(f"{at}/{key}", "must be an integer")
    elif not least <= value <= most:
        yield problem(f"{at}/{key}", f"must be between {least} and {most}")


def _length(value: str, at: str, most: int) -> Iterator[str]:
    if not value:
        yield problem(at, "must be more than 0 characters")
    elif len(value) > most:
        # Slack's sentence names the first length that is too long.
        yield problem(at, f"must be less than {most + 1} characters")
