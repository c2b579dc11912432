"""To whom a number goes: a person, a channel with its readers, a spreadsheet, a file.

The operator, who can read the data anyway, is no audience for a face to name: `operator.py` has it.
"""

from __future__ import annotations

from dataclasses import dataclass

from kpi_core.access.operator import Operator


@dataclass(frozen=True, slots=True)
class Person:
    """One member of the workspace, by Slack's ids; `groups` are the user groups the person is in.

    `channel` is where only this person reads the answer: what the whole channel may see, the person may see there too.
    `foreign` people belong to another workspace and see nothing. Of somebody `unverified` Slack does not say which
    workspace is theirs: nothing that is limited is for them.
    """

    user: str
    groups: frozenset[str] = frozenset()
    channel: str = ""
    foreign: bool = False
    unverified: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel with all its readers; `shared` with another workspace, whose people read it too.

    Of one `unverified` Slack does not say whether it is: nothing that is limited is for all who read there.
    """

    channel: str
    shared: bool = False
    unverified: bool = False


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """A spreadsheet, by its id, with everybody it is shared with."""

    spreadsheet: str


@dataclass(frozen=True, slots=True)
class File:
    """A file that leaves the operator's hands: whoever gets it reads it, so it holds no limited KPI."""

    name: str


Audience = Person | Channel | Spreadsheet | File | Operator
