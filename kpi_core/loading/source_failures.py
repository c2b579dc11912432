"""What is told of a source that could not be read: never its address, never a driver's own words."""

from __future__ import annotations

import errno
import os
import traceback
from collections.abc import Mapping
from pathlib import Path

from kpi_core.errors import DataError, KpiBotError, ServiceError

_OF_THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
"""Failures that the next source would meet, too."""


def source_failure(source: str, error: Exception, environment: Mapping[str, str] = os.environ) -> KpiBotError:
    """The error of one source, in words for people. What has to do with the disk as a whole is raised again."""
    if isinstance(error, KpiBotError):
        return error
    if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
        raise error
    if isinstance(error, OSError) and error.filename:
        return unreadable_file(source, str(error.filename), error.strerror or type(error).__name__)
    message = f"Source {source} could not be read ({type(error).__name__}{_place(error, environment)})."
    hint = "Check its address and its options in kpi.yaml, then run kpi check."
    kind = f"{type(error).__name__}{_place(error, environment)}"
    return ServiceError(message, code="source_failed", hint=hint, params={"kind": kind})


def unreadable_file(source: str, path: str, reason: str) -> DataError:
    name = Path(path).name
    message = f"Source {source}: {name} cannot be read ({reason})."
    hint = f"Give KPI Bot the right to read {name}, or name another path."
    return DataError(message, code="source_no_access", hint=hint, params={"source": source, "file": name})


def _place(error: Exception, environment: Mapping[str, str]) -> str:
    """Where it happened, for whoever asks for details; the error's own words may hold an address."""
    frames = traceback.extract_tb(error.__traceback__)
    if "KPI_DEBUG" not in environment or not frames:
        return ""
    return f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}"
