"""The postbox: keeps what webhooks bring, as many messages in one commit as came while the one before was written."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from flask import current_app

from bot.channels import Inbound
from bot.receiving import keep
from bot.services import current_services
from clinic.database import Database
from clinic.facility import Limits
from clinic.inbound import Received

EXTENSION = "sapa_postbox"


@dataclass(eq=False)
class _Slot:
    """One message and whoever waits for it."""

    said: Inbound
    kept: Future[Received] = field(default_factory=Future)


@dataclass
class Postbox:
    """Shared by the threads of a web process: a commit is dear, so whoever comes meanwhile shares the next one.

    The first who finds nobody writing writes for all that wait; no thread of its own, nothing held back in memory
    beyond the request that brought it.
    """

    database: Database
    limits: Limits
    clock: Callable[[], datetime]
    _waiting: list[_Slot] = field(default_factory=list, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _writing: threading.Lock = field(default_factory=threading.Lock, init=False)

    def keep(self, said: Inbound) -> Received:
        """Where the message was put, once that is committed; raises what the database raised, and nothing is kept."""
        mine = _Slot(said)
        with self._lock:
            self._waiting.append(mine)
        with self._writing:
            if not mine.kept.done():
                self._write_all()
        return mine.kept.result()

    def _write_all(self) -> None:
        """All messages that wait, in order of arrival; a server has few threads, so there are never many."""
        with self._lock:
            batch, self._waiting = self._waiting, []
        try:
            kept = self._commit(batch)
        except Exception as error:  # each webhook that waits gets it and answers 500; the provider sends again
            for slot in batch:
                slot.kept.set_exception(error)
            return
        for slot, result in zip(batch, kept, strict=True):
            if isinstance(result, Received):
                slot.kept.set_result(result)
            else:
                slot.kept.set_exception(result)

    def _commit(self, batch: Sequence[_Slot]) -> list[Received | Exception]:
        kept: list[Received | Exception] = []
        with self.database.transaction() as db:
            for slot in batch:
                try:
                    kept.append(keep(db, slot.said, limits=self.limits, now=self.clock()))
                except Exception as error:  # one that cannot be kept keeps nobody else out
                    kept.append(error)
        return kept


def current_postbox() -> Postbox:
    """The postbox of the app that answers the request at hand, made with its first message."""
    services = current_services()
    fresh = Postbox(services.database, services.facility.limits, services.clock)
    return cast(Postbox, current_app.extensions.setdefault(EXTENSION, fresh))
