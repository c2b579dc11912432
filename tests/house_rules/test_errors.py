"""An error says what happened and what to do next."""

from __future__ import annotations

import ast
import re

from shipped import calls, place, shipped_files

from kpi_core import errors

KINDS = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.KpiBotError) and kind is not errors.SettingsError
}


def test_every_error_has_a_hint() -> None:
    """Each error raised carries a code in plain words and a hint; those of files carry hints line by line."""
    found = []
    for path in shipped_files():
        for name, call in calls(path):
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            if name not in KINDS or None in given:
                continue
            hint, code = given.get("hint"), given.get("code")
            if hint is None or (isinstance(hint, ast.Constant) and not hint.value):
                found.append(f"{place(path, call)}: no hint")
            if isinstance(code, ast.Constant) and not re.fullmatch(r"[a-z]+(_[a-z]+)*", str(code.value)):
                found.append(f"{place(path, call)}: code {code.value!r}")
    assert found == []
