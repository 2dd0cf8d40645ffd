"""Routes: how each way out is, shared by all workers: its pace, its breaker, and what a look at it found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from clinic.database import Base, insert_into, rows_changed

OPENS_AFTER = 5
"""So many failures in a row, and the route rests."""
FIRST_REST = timedelta(seconds=15)
LONGEST_REST = timedelta(minutes=5)
OK_IS_OLD_AFTER = timedelta(seconds=10)
"""What works is written down so often only."""
BURST = timedelta(seconds=1)
"""A sender that was idle may catch up so much of its pace at once."""


class RouteState(Base):
    """One row per route, made with its first use."""

    __tablename__ = "route_state"

    route: Mapped[str] = mapped_column(String(16), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    """In a row; the breaker opens at OPENS_AFTER and closes with the first message that the provider takes."""
    closed_until: Mapped[datetime | None]
    """Resting until then; afterwards one message at a time tries whether it works again."""
    free_from: Mapped[datetime | None]
    """The pace: the next message may leave from then on."""
    last_ok_at: Mapped[datetime | None]
    last_failure_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(32))
    seen_at: Mapped[datetime | None]
    """When the sender itself (modem, phone) last gave a sign of life; None where it gives none."""
    trouble: Mapped[str | None] = mapped_column(String(32))
    """What a look at the sender found, a code of refusals.yml such as modem_dead; None when it is well."""


@dataclass(frozen=True)
class RouteView:
    """How one route is."""

    route: str
    failures: int
    closed_until: datetime | None
    free_from: datetime | None
    last_ok_at: datetime | None
    last_failure_at: datetime | None
    last_error: str | None
    seen_at: datetime | None
    trouble: str | None

    def is_resting(self, now: datetime) -> bool:
        """The breaker is open: nothing is sent this way now."""
        return self.failures >= OPENS_AFTER and self.closed_until is not None and self.closed_until > now

    def is_probing(self, now: datetime) -> bool:
        """The rest is over and nothing has worked since: one message at a time."""
        return self.failures >= OPENS_AFTER and not self.is_resting(now)

    def is_well(self, now: datetime) -> bool:
        """Works as far as we know: a message that can choose goes this way."""
        return self.failures < OPENS_AFTER and self.trouble is None


def route_states(db: Session, routes: Iterable[str]) -> Mapping[str, RouteView]:
    """How these routes are; one that was never used is well and free."""
    rows = {row.route: row for row in db.scalars(select(RouteState)).all()}
    return {route: _view(rows.get(route) or RouteState(route=route, failures=0)) for route in routes}


def lock_routes(db: Session, routes: Iterable[str]) -> Mapping[str, RouteView]:
    """The same, and until we commit nobody else changes them: two workers share one pace."""
    wanted = sorted(routes)
    locked = _locked(db, wanted)
    if len(locked) < len(wanted):
        for route in wanted:
            _ensure(db, route)
        locked = _locked(db, wanted)
    return {row.route: _view(row) for row in locked}


def room_at(view: RouteView, *, now: datetime, per_second: float, most: int) -> int:
    """How many messages may leave this way now, `most` at most."""
    if view.is_resting(now):
        return 0
    if view.is_probing(now):
        return 1 if view.free_from is None or view.free_from <= now else 0
    start = _start(view, now)
    return 0 if start > now else min(most, int((now - start).total_seconds() * per_second) + 1)


def take_room(db: Session, view: RouteView, *, count: int, now: datetime, per_second: float) -> None:
    """Note that so many leave now; the caller holds the route by lock_routes."""
    start = now if view.is_probing(now) else _start(view, now)
    step = FIRST_REST if view.is_probing(now) else timedelta(seconds=count / per_second)
    _set(db, view.route, free_from=start + step)


def note_ok(db: Session, route: str, *, now: datetime) -> None:
    """The provider took something: the breaker closes."""
    row = db.get(RouteState, route)
    if row is None:
        _ensure(db, route)
    elif row.failures == 0 and row.last_ok_at is not None and now - row.last_ok_at < OK_IS_OLD_AFTER:
        return
    was_probing = row is not None and row.failures >= OPENS_AFTER
    _set(db, route, failures=0, closed_until=None, last_ok_at=now, **({"free_from": None} if was_probing else {}))


def note_failure(db: Session, route: str, *, error: str, now: datetime) -> bool:
    """The provider could not be used (not: it refused one message); True when the route goes to rest with this.

    What was on its way when the rest began neither counts nor prolongs it: only a try after it does.
    """
    view = lock_routes(db, (route,))[route]
    if view.is_resting(now):
        _set(db, route, last_failure_at=now, last_error=error[:32])
        return False
    failures = view.failures + 1
    rests = min(max(failures - OPENS_AFTER, 0), 10)
    until = now + min(FIRST_REST * 2**rests, LONGEST_REST) if failures >= OPENS_AFTER else None
    _set(db, route, failures=failures, closed_until=until, last_failure_at=now, last_error=error[:32])
    return failures == OPENS_AFTER


def slow_down(db: Session, route: str, *, until: datetime) -> None:
    """The provider says that we go too fast: nothing leaves this way before then, and nothing is broken."""
    _ensure(db, route)
    _set(db, route, free_from=until)


def note_look(db: Session, route: str, *, seen_at: datetime | None, trouble: str | None) -> bool:
    """What a look at the modem or phone found; True when this is news."""
    _ensure(db, route)
    before = db.scalar(select(RouteState.trouble).where(RouteState.route == route))
    _set(db, route, seen_at=seen_at, trouble=trouble)
    return before != trouble


def _locked(db: Session, routes: list[str]) -> Sequence[RouteState]:
    rows = select(RouteState).where(RouteState.route.in_(routes)).order_by(RouteState.route).with_for_update()
    return db.scalars(rows, execution_options={"populate_existing": True}).all()


def _start(view: RouteView, now: datetime) -> datetime:
    """From when the pace counts: not longer ago than BURST."""
    return max(view.free_from or now - BURST, now - BURST)


def _ensure(db: Session, route: str) -> None:
    rows_changed(db, insert_into(db, RouteState).values(route=route, failures=0).on_conflict_do_nothing())


def _set(db: Session, route: str, **values: object) -> None:
    row = db.get(RouteState, route)
    for name, value in values.items():
        setattr(row, name, value)
    db.flush()


def _view(row: RouteState) -> RouteView:
    return RouteView(
        route=row.route,
        failures=row.failures or 0,
        closed_until=row.closed_until,
        free_from=row.free_from,
        last_ok_at=row.last_ok_at,
        last_failure_at=row.last_failure_at,
        last_error=row.last_error,
        seen_at=row.seen_at,
        trouble=row.trouble,
    )
