"""Whether a service can be reached: its accounts by name, and how long the version that is asked will be there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from importlib import import_module
from importlib.util import find_spec

from kpi_core.errors import UsageError, did_you_mean
from kpi_core.frozen_dataclass import frozen
from kpi_core.settings.source_types import Connection, SourceType, services
from kpi_core.sources import ReadRequest
from kpi_core.sources.api.outcomes import RefusedError, failure_of
from kpi_core.sources.api.reading import Opening, opened, rotating_token
from kpi_core.sources.api.service import Account, DeclaredService

WARNED = timedelta(days=60)
"""So long before the end of a version it is told."""


@frozen
class Access:
    """What a source's access reaches: accounts, some maybe with their trouble, the calls that are left as the service
    puts it, and until when access that renews itself lasts without a load.
    """

    accounts: Sequence[Account]
    quota: str = ""
    until: datetime | None = None
    granted: tuple[str, ...] = ()
    """What its token may do, where the service says."""
    is_fixed: bool = False
    """Whether it ends then, however often it is loaded."""

    @property
    def scopes(self) -> tuple[str, ...]:
        """What it may do, where the service says."""
        own = (scope for account in self.accounts for scope in account.scopes)
        return tuple(dict.fromkeys([*self.granted, *own]))


def accounts_of(request: ReadRequest) -> Sequence[Account]:
    """The accounts that a source's access reaches. KpiBotError as `access_of`."""
    return access_of(request).accounts


def access_of(request: ReadRequest) -> Access:
    """What a source's access reaches, asked live. KpiBotError where it reaches nothing, with who must act."""
    try:
        service = opened(request, _opening_of(request.source.type))
        accounts = service.accounts()
    except RefusedError as error:
        raise failure_of(request.source.name, error.trouble) from None
    troubles = [trouble for account in accounts if (trouble := account.trouble) is not None]
    if troubles and len(troubles) == len(accounts):
        raise failure_of(request.source.name, troubles[0])
    forms, quota = service.forms, service.line.quota
    standing = rotating_token(request, service.line, service.options, []).standing() if forms.renewable else None
    if standing is None:
        return Access(accounts, quota, granted=service.scopes() or tuple(service.line.scopes))
    return Access(accounts, quota, standing.renewable_until, standing.scopes, forms.fixed_end)


def _opening_of(kind: str) -> Opening:
    own = f"kpi_core.sources.{kind}.source"
    if find_spec(own) is None:
        return DeclaredService
    opening: Opening = import_module(own).SERVICE
    return opening


def service_named(name: str) -> SourceType:
    """The service that somebody means by a name: meta, naver, "Meta Ads". UsageError where it is none, or several."""
    plain = name.strip().casefold().replace("-", "_").replace(" ", "_")
    kinds = services()
    if plain in kinds:
        return kinds[plain]
    meant = [
        kind
        for kind_name, kind in kinds.items()
        if kind_name.startswith(plain)
        or any(name.strip().casefold() == title.casefold() for title in kind.title.values())
        or (kind.connection is not None and kind.connection.vendor.casefold() == name.strip().casefold())
    ]
    if plain and len(meant) == 1:
        return meant[0]
    near = [kind.name for kind in meant] if plain else []
    near = near or list(did_you_mean(plain, kinds))
    hint = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(kinds)}."
    raise UsageError(f"There is no service {name}.", code="unknown_service", hint=hint, suggestions=near)


def days_to_end(connection: Connection, today: date) -> int | None:
    """After how many days the vendor ends the version, where that is soon or past; None where it is not."""
    if connection.ends is None or connection.ends - today > WARNED:
        return None
    return (connection.ends - today).days
