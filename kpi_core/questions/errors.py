"""What is wrong with a question, with words for people and whole questions that would be answered.

`params` fills `error.<code>` and its hint; what differs by language (`choices`, `dimension`) is there for each
language as `<name>.<language>`, and `error_words` puts it together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kpi_core.errors import KpiBotError, QuestionError
from kpi_core.metrics import LANGUAGES
from kpi_core.phrases import knows, say

InLanguage = Callable[[str], str]
"""A text for each language."""


def question_error(
    code: str,
    *,
    suggestions: Sequence[str] = (),
    hint: str = "",
    choices: InLanguage | str = "",
    dimension: InLanguage | str = "",
    **params: str,
) -> QuestionError:
    """`hint` names the sentence `error.<hint>` where it is not the code's own."""
    key = f"error.{hint or code + '_hint'}"
    filled = dict(params)
    for name, words in (("choices", choices), ("dimension", dimension)):
        in_language = words if callable(words) else (lambda _language, words=words: words)
        filled |= {f"{name}.{language}": in_language(language) for language in LANGUAGES}
        filled[name] = in_language("en")
    filled["hint"] = key
    return QuestionError(
        say("en", f"error.{code}", **filled),
        code=code,
        hint=say("en", key, **filled),
        suggestions=suggestions,
        params={name: value for name, value in filled.items() if value},
    )


_OR = {"en": " or ", "ko": " 또는 ", "zh-TW": " 或 "}


def either(choices: Sequence[str]) -> InLanguage:
    """The choices as a language lists alternatives: "A, B or C"."""

    def listed(language: str) -> str:
        *most, last = choices or ("",)
        return ", ".join(most) + _OR.get(language, _OR["en"]) + last if most else last

    return listed


def error_words(error: KpiBotError, language: str) -> tuple[str, str]:
    """Message and hint of an error in a language; the error's own English where there is no sentence for its code."""
    key = f"error.{error.code}"
    if not knows(key):
        return error.message, error.hint
    params = _in_language(error.params, language)
    hint_key = params.pop("hint", f"{key}_hint")
    try:
        return say(language, key, **params), say(language, hint_key, **params) if knows(hint_key) else error.hint
    except KeyError:
        return error.message, error.hint


def _in_language(params: Mapping[str, str], language: str) -> dict[str, str]:
    own = {name.removesuffix(f".{language}"): value for name, value in params.items() if name.endswith(f".{language}")}
    return {name: value for name, value in params.items() if "." not in name} | own
