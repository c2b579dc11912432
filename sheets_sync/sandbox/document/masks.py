"""Field masks: `sheets(properties(sheetId,title),data/rowData/values/userEnteredValue)` and `a.b,c`.

A parsed mask is a tree of names; an empty tree stands for "all below".
"""

from __future__ import annotations

from typing import Any

from sheets_sync.sandbox.api_errors import invalid

Mask = dict[str, "Mask"]


def parse_mask(text: str) -> Mask:
    """The tree of a mask. Raises a 400 when brackets do not match or a name is missing."""
    mask, end = _parse_list(text.replace(" ", ""), 0)
    if end != len(text.replace(" ", "")):
        raise _bad(text)
    return mask


def pick(value: Any, mask: Mask) -> Any:
    """What a reader asked for: objects keep only the masked fields, lists are masked item by item."""
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [pick(item, mask) for item in value]
    if not isinstance(value, dict):
        return value
    picked = {name: pick(value[name], below) for name, below in mask.items() if name in value}
    # An object of which nothing was picked is left out; one that is empty by itself is an answer.
    return {name: item for name, item in picked.items() if item != {} or value[name] == {}}


def merged(old: dict[str, Any], new: dict[str, Any], mask: Mask) -> dict[str, Any]:
    """A write: each masked field takes the value of `new`, and is cleared where `new` does not have it."""
    if "*" in mask:
        return dict(new)
    result = dict(old)
    for name, below in mask.items():
        value: Any
        if below and (isinstance(new.get(name), dict) or name not in new):
            value = merged(old.get(name) or {}, new.get(name) or {}, below)
        else:
            value = new.get(name)
        if value is None or value == {}:
            result.pop(name, None)
        else:
            result[name] = value
    return result


def wants(mask: Mask, *path: str) -> bool:
    """Whether a reader with this mask sees anything at `path`."""
    for name in path:
        if not mask or "*" in mask:
            return True
        if name not in mask:
            return False
        mask = mask[name]
    return True


def _parse_list(text: str, start: int) -> tuple[Mask, int]:
    mask: Mask = {}
    while True:
        start = _parse_path(text, start, mask)
        if start >= len(text) or text[start] != ",":
            return mask, start
        start += 1


def _parse_path(text: str, start: int, mask: Mask) -> int:
    """Reads `a/b.c(d,e)` into the mask; answers where it stopped."""
    here, end, whole_above = mask, start, False
    while True:
        start = end
        while end < len(text) and (text[end].isalnum() or text[end] in "_*"):
            end += 1
        if start == end:
            raise _bad(text)
        name = text[start:end]
        # `a,a.b` is all of `a`, in either order.
        whole_above = whole_above or (name in here and not here[name])
        here = here.setdefault(name, {})
        if end >= len(text) or text[end] not in "/.(":
            here.clear()
            return end
        if text[end] == "(":
            below, end = _parse_list(text, end + 1)
            if end >= len(text) or text[end] != ")":
                raise _bad(text)
            if not whole_above:
                _join(here, below)
            return end + 1
        end += 1


def _join(mask: Mask, other: Mask) -> None:
    for name, below in other.items():
        if name in mask and mask[name] and below:
            _join(mask[name], below)
        else:
            mask[name] = below


def _bad(text: str) -> Exception:
    return invalid(f"Request contains an invalid argument. Error expanding 'fields' parameter: '{text}'.")
