"""KPIs and dimensions by their names in a text, and the names that say "X by D": those always mean a split of X."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpi_core.questions.segments import Segment, best_cut
from kpi_core.questions.wording import Wording, ends_word, wording
from kpi_core.questions.words import Part, may_say_split, word_parts

Named = tuple[int, int, Part]
"""Start and end in the plain text, and what is called so."""
_SHORT = 30
"""Letters of a text."""


def named_parts(
    words: Wording, metrics: Mapping[str, tuple[str, ...]], dimensions: Mapping[str, str], written: Mapping[str, str]
) -> Iterator[Named]:
    """KPIs and dimensions by name, wherever a word begins and ends; `written` ones only as they are written."""
    text = words.text
    # Of a short text every part may be looked up sooner than the longest name.
    longest = len(text) if len(text) < _SHORT else max(map(len, (*metrics, *dimensions, *written)), default=0)
    places = [position for position in range(len(text) + 1) if ends_word(text, position)]
    for index, start in enumerate(places):
        for end in places[index + 1 :]:
            # Positions rise, so every later end is too long as well.
            if end - start > longest:
                break
            phrase = text[start:end]
            if phrase in metrics:
                yield start, end, Part("kpi", ids=metrics[phrase])
            elif phrase in written and words.typed(start, end).casefold() == written[phrase].casefold():
                yield start, end, Part("kpi", ids=(written[phrase],))
            if phrase in dimensions:
                yield start, end, Part("dimension", ids=(dimensions[phrase],))


def says_split(phrase: str, metrics: Mapping[str, tuple[str, ...]], dimensions: Mapping[str, str]) -> bool:
    """Whether a phrase reads as another KPI by a dimension: "revenue by channel", 채널별 매출, 各管道營收."""
    if not may_say_split(phrase) or not any(name in phrase for name in dimensions):
        return False
    words = wording(phrase)
    whole = (0, len(words.text))
    named = [Segment(start, end, (part,)) for start, end, part in named_parts(words, metrics, dimensions, {})]
    small = [
        Segment(start, end, (part,))
        for start, end, part in word_parts(words.text, words.breaks)
        if part.kind in {"by", "by_after", "filler"}
    ]
    cut = best_cut(words.text, [segment for segment in (*named, *small) if (segment.start, segment.end) != whole])
    kinds = [{part.kind for part in segment.meanings} for segment in cut]
    by = any({"by", "by_after"} & kind for kind in kinds)
    return by and all(kinds) and any("kpi" in kind for kind in kinds) and any("dimension" in kind for kind in kinds)
