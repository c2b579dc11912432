"""All texts that a small pattern matches: letters, "(?:one|other)" and "?" after a letter or a group."""

from __future__ import annotations

_OPEN = "(?:"


def spelled_out(pattern: str) -> list[str]:
    """The texts in the order of the pattern: "go(?:es)?" is "go" and "goes"."""
    texts, end = _either(pattern, 0)
    assert end == len(pattern), f"{pattern[end:]} stands alone"
    return texts


def _either(pattern: str, place: int) -> tuple[list[str], int]:
    texts: list[str] = []
    while True:
        branch, place = _sequence(pattern, place)
        texts += branch
        if pattern[place : place + 1] != "|":
            return texts, place
        place += 1


def _sequence(pattern: str, place: int) -> tuple[list[str], int]:
    texts = [""]
    while place < len(pattern) and pattern[place] not in "|)":
        if pattern.startswith(_OPEN, place):
            part, place = _either(pattern, place + len(_OPEN))
        else:
            part = [pattern[place]]
        place += 1
        if pattern[place : place + 1] == "?":
            part, place = ["", *part], place + 1
        texts = [text + after for text in texts for after in part]
    return texts, place
