"""Services: what the running process shares, made once at the start and handed to whoever needs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

from flask import current_app

from bot.settings import Settings
from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper


@dataclass(frozen=True)
class Services:
    """The parts every page and job works with; the clock gives aware times."""

    settings: Settings
    facility: Facility
    database: Database
    keeper: IdentityKeeper
    clock: Callable[[], datetime]
    carrier_path: Path = Path("var/carrier.db")
    """Where the demo's pretended carrier keeps its messages."""


def current_services() -> Services:
    """The services of the app that answers the request at hand."""
    return cast(Services, current_app.extensions["sapa"])
