"""Month costs: everything that staff want to know about a month's money, read in one go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.budget import HUNDREDTHS, Spending, read_spending, stopped
from clinic.content_templates import ContentTemplate
from clinic.costs import (
    Amount,
    DayCosts,
    Ledger,
    Line,
    by,
    dropped_for_budget,
    first_of_month,
    last_of_month,
    lines_of,
    total,
)
from clinic.facility import Facility
from clinic.forecast import Forecast
from clinic.kept_visits import KeptVisits, kept_visits

Groups = tuple[tuple[str, Amount], ...]


@dataclass(frozen=True)
class MonthCosts:
    """One month; all money in hundredths of a rupiah."""

    first: date
    last: date
    days: tuple[DayCosts, ...]
    """Up to today."""
    amount: Amount
    by_route: Groups
    """"" stands for messages from before routes were kept."""
    by_kind: Groups
    by_template: Groups
    """By the name it has in our files, by its ContentSid where it has none any more."""
    unpriced: Groups
    """By route: what has no price in puskesmas.yml and counts as nothing."""
    rest: Forecast | None
    """What is still to come; None where the month is over, or lies ahead, or nothing was sent yet."""
    monthly: int | None
    """The budget; None: without limit."""
    given_up: tuple[str, ...]
    """The kinds that are not sent at this moment, in the order in which they were given up."""
    dropped: Mapping[str, int]
    """Kind -> messages that were not sent this month because the budget did not reach."""
    kept: KeptVisits

    @property
    def left(self) -> int | None:
        return None if self.monthly is None else max(self.monthly - self.amount.cost, 0)

    @property
    def percent(self) -> int | None:
        """How much of the budget is spent; may be more than 100."""
        if self.monthly is None:
            return None
        return self.amount.cost * 100 // self.monthly if self.monthly else 100

    @property
    def per_visit(self) -> int | None:
        """All the month's costs divided by all its kept visits."""
        return round(self.amount.cost / self.kept.in_all) if self.kept.in_all else None


def read_month(db: Session, facility: Facility, month: date, *, now: datetime) -> MonthCosts:
    """The month in which this day lies."""
    first, last = first_of_month(month), last_of_month(month)
    ledger = Ledger()
    days = ledger.days(db, facility, first=first, last=last, now=now)
    lines = lines_of(days)
    is_running = first == first_of_month(facility.today(now))
    spending = read_spending(db, facility, now=now, ledger=ledger) if is_running else None
    budget = facility.budget
    return MonthCosts(
        first=first,
        last=last,
        days=days,
        amount=total(lines),
        by_route=by(lines, lambda line: line.route),
        by_kind=by(lines, lambda line: line.kind),
        by_template=_by_template(db, facility, lines),
        unpriced=by((line for line in lines if line.amount.unpriced), lambda line: line.route),
        rest=spending.rest if spending is not None and (spending.rest.days or lines) else None,
        monthly=None if budget.monthly is None else budget.monthly * HUNDREDTHS,
        given_up=_given_up(facility, spending),
        dropped=dropped_for_budget(db, facility, first, last),
        kept=kept_visits(db, facility, first, last),
    )


def _given_up(facility: Facility, spending: Spending | None) -> tuple[str, ...]:
    if spending is None:
        return ()
    kinds = stopped(facility.budget, spent=spending.spent, rest_by_kind=spending.rest_by_kind)
    return tuple(kind for kind in facility.budget.sacrifice if kind in kinds)


def _by_template(db: Session, facility: Facility, lines: tuple[Line, ...]) -> Groups:
    sids = {line.template for line in lines if line.template is not None}
    if not sids:
        return ()
    made = select(ContentTemplate.sid, ContentTemplate.name).where(ContentTemplate.sid.in_(sids))
    names: dict[str | None, str] = {sid: name for sid, name in db.execute(made)}
    names |= {sid: name for name, sid in facility.whatsapp_templates.items()}
    return by(lines, lambda line: None if line.template is None else names.get(line.template, line.template))
