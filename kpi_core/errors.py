"""The errors a person may see, by what the reader can do about them.

KpiBotError
├── QuestionError      the question has no single answer: change the words          exit 1
├── SettingsError      kpi.yaml, a definition or a file is wrong: mend the lines     exit 1
├── DataError          the data cannot be read as asked: mend the source             exit 1
├── UsageError         the command line is wrong                                     exit 2
└── ServiceError       Slack, Google or a database failed: it may pass               exit 3

Every message says what happened, every hint what to do next. None carries a secret.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from kpi_core.frozen_dataclass import frozen


@frozen
class Problem:
    """One thing wrong in a file; `line` and `column` count from 1, 0 means the whole file."""

    file: str
    line: int
    column: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.message}" + (f"\n    {self.hint}" if self.hint else "")


class KpiBotError(Exception):
    """An error with words for people: what happened, and what to do next."""

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        code: str,
        hint: str = "",
        suggestions: Iterable[str] = (),
        params: Mapping[str, str] | None = None,
    ) -> None:
        """`message` and `hint` are English; `params` lets a face say `error.<code>` in the reader's language."""
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint
        self.suggestions = tuple(suggestions)
        self.params = dict(params or {})

    def to_json(self) -> dict[str, object]:
        """The `error` object of the command line's JSON."""
        error = {"code": self.code, "message": self.message, "hint": self.hint, "suggestions": list(self.suggestions)}
        return {"error": error}


class QuestionError(KpiBotError):
    """The question cannot be answered as worded.

    `suggestions` are whole questions that would be answered, best first, so that a face can make a button of each.
    """


class SettingsError(KpiBotError):
    """Files that people edit are wrong; carries every problem found, not only the first."""

    def __init__(self, problems: Iterable[Problem], *, code: str = "settings") -> None:
        self.problems = tuple(problems)
        lines = "\n".join(str(problem) for problem in self.problems)
        count = len(self.problems)
        super().__init__(
            f"{count} problem{'s' if count != 1 else ''} found:\n{lines}",
            code=code,
            hint="Mend these lines and try again.",
        )


class DataError(KpiBotError):
    """A source or a table does not hold what was promised."""


class UsageError(KpiBotError):
    """The command was called in a way it does not know."""

    exit_code = 2


class ServiceError(KpiBotError):
    """A service outside failed. `retry_after` is in seconds where the service named it."""

    exit_code = 3

    def __init__(
        self,
        message: str,
        *,
        code: str,
        hint: str = "",
        retry_after: float | None = None,
        params: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, code=code, hint=hint, params=params)
        self.retry_after = retry_after


def did_you_mean(word: str, candidates: Iterable[str], *, limit: int = 3, least: int = 60) -> tuple[str, ...]:
    """The known words nearest to `word`, best first; none when nothing is alike by `least` of 100.

    Words are compared decomposed (NFKD), so that one wrong Korean vowel costs one letter and not a whole syllable.
    """
    # Imported here: only who mistypes pays for it.
    from rapidfuzz import fuzz, process

    by_form = {_decomposed(candidate): candidate for candidate in candidates}
    nearest = process.extract(_decomposed(word), by_form.keys(), scorer=fuzz.ratio, limit=limit, score_cutoff=least)
    return tuple(by_form[form] for form, _score, _index in nearest)


@lru_cache(maxsize=16_384)
def _decomposed(word: str) -> str:
    return unicodedata.normalize("NFKD", word.casefold())
