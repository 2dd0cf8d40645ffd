"""Budget: which kinds of messages are given up so that the month's money reaches for the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import Lock

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.cases import Case
from clinic.costs import DayCosts, Ledger, first_day, first_of_month, last_of_month, lines_of, total
from clinic.database import wait_for_turn
from clinic.facility import Facility
from clinic.facility_delivery import Budget
from clinic.forecast import LOOK_BACK, DayCost, Forecast, forecast_rest
from clinic.outbox import PRIORITIES
from clinic.sent import CASE_LOCK

HUNDREDTHS = 100
CASE_KIND = "delivery"
LOOK_EVERY = timedelta(seconds=3)


@dataclass(frozen=True)
class Spending:
    """A month's spending at one moment, in hundredths of a rupiah."""

    first: date
    spent: int
    rest: Forecast
    """What is still to come if nothing is given up."""
    rest_by_kind: Mapping[str, int]


def stopped(budget: Budget, *, spent: int, rest_by_kind: Mapping[str, int]) -> frozenset[str]:
    """The kinds that are given up now.

    A kind is given up as soon as what is left reaches only for what matters more until the end of the month: for
    the kinds later in the order and for those that are not in it, by the forecast. So the first kind stops first,
    the last one when nearly all is spent, and what is not in the order never.
    """
    given_up: set[str] = set()
    if budget.monthly is None:
        return frozenset()
    kept = dict(rest_by_kind)
    for kind in budget.sacrifice:
        kept.pop(kind, None)
        if spent + sum(kept.values()) < budget.monthly * HUNDREDTHS:
            break
        given_up.add(kind)
    return frozenset(given_up)


def may_send(budget: Budget, kind: str, *, spent: int, rest_by_kind: Mapping[str, int]) -> bool:
    """Whether a message of this kind may go out."""
    return kind not in stopped(budget, spent=spent, rest_by_kind=rest_by_kind)


def is_time_to_warn(budget: Budget, *, spent: int) -> bool:
    """Whether staff should hear that much of the month's money is gone."""
    return budget.monthly is not None and spent >= budget.monthly * budget.warn_percent


def was_told(db: Session, topic: str, *, since: datetime) -> bool:
    """Whether a case about this was opened since then, closed ones included.

    Until the caller commits nobody else is answered, so two processes at once open one case.
    """
    wait_for_turn(db, CASE_LOCK)
    is_live = Case.state.in_(("open", "taken"))
    told = (Case.kind == CASE_KIND, Case.topic == topic, Case.opened_at >= since)
    closed_since = (Case.state == "closed") & (Case.closed_at >= since)
    return any(db.scalar(select(Case.id).where(state, *told).limit(1)) for state in (is_live, closed_since))


def read_spending(db: Session, facility: Facility, *, now: datetime, ledger: Ledger | None = None) -> Spending:
    """What this month has cost up to now, and what is still to come."""
    today = facility.today(now)
    first = first_of_month(today)
    began = first_day(db, facility) or today
    back = max(began, today - timedelta(days=LOOK_BACK))
    ledger = ledger or Ledger()
    days = ledger.days(db, facility, first=min(first, back), last=today, now=now)
    ledger.forget_before(min(first, back))
    history = [each for each in days if back <= each.day < today]
    return Spending(
        first=first,
        spent=total(lines_of([each for each in days if each.day >= first])).cost,
        rest=_rest(facility, history, days[-1], kind=None),
        rest_by_kind={kind: _rest(facility, history, days[-1], kind=kind).expected for kind in PRIORITIES},
    )


def _rest(facility: Facility, history: list[DayCosts], today: DayCosts, *, kind: str | None) -> Forecast:
    def cost(of: DayCosts) -> DayCost:
        return DayCost(of.day, of.amount.cost if kind is None else of.cost_of(kind))

    last = last_of_month(today.day)
    return forecast_rest([cost(each) for each in history], today=cost(today), last=last, is_open=facility.is_open_on)


@dataclass
class BudgetWatch:
    """Knows at every moment which kinds are given up; keep one per process, its threads may share it.

    It looks every three seconds, and then reads today's messages only: a burst of reminders runs past the budget
    by what goes out in so long, at most.
    """

    facility: Facility
    _ledger: Ledger = field(default_factory=Ledger)
    _seen: tuple[datetime, date, frozenset[str]] | None = None
    _lock: Lock = field(default_factory=Lock, repr=False)

    def stopped_kinds(self, db: Session, now: datetime) -> frozenset[str]:
        """The kinds that are given up now; without a monthly budget the database is not asked."""
        if self.facility.budget.monthly is None:
            return frozenset()
        with self._lock:
            if self._is_old(now):
                self._look(db, now)
            return self._seen[2] if self._seen is not None else frozenset()

    def _is_old(self, now: datetime) -> bool:
        if self._seen is None:
            return True
        at, month, _ = self._seen
        is_other_month = month != first_of_month(self.facility.today(now))
        return is_other_month or not timedelta(0) <= now - at < LOOK_EVERY

    def _look(self, db: Session, now: datetime) -> None:
        seen = read_spending(db, self.facility, now=now, ledger=self._ledger)
        given_up = stopped(self.facility.budget, spent=seen.spent, rest_by_kind=seen.rest_by_kind)
        self._seen = (now, seen.first, given_up)
