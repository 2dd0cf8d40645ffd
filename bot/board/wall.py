"""Wall: what the board shows at one moment, put together from numbers, rooms and changed sessions, without names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from bot.board.voice import ClipShelf
from clinic.board_news import RoomCall, calls_since
from clinic.database import Session as Db
from clinic.facility import Facility, Session
from clinic.facility_queue import PRIORITIES
from clinic.queue import HOLDS_A_NUMBER, BoardRow, QueueRow, day_list, now_serving
from clinic.queue_events import Jump
from clinic.queue_sessions import CLOSED, LATE, ChangeView, change_of, changes_on

JUMPS_STAY = timedelta(minutes=15)
MOST_JUMPS = 3
REASONS_SHOWN = (*PRIORITIES, "dari_lab", "dokter_minta", "tadi_terlewat")
"""What staff pick from a list; words of their own may name somebody."""
CALLS_STAY = timedelta(seconds=60)
"""Longer than a page takes to ask again, shorter than an old call is worth shouting."""


@dataclass(frozen=True)
class Door:
    """A room and the number that it called last."""

    id: str
    name: str
    code: str | None


@dataclass(frozen=True)
class Note:
    """A session that staff closed for once or that begins late: by its hours, as its reason may name somebody."""

    kind: str
    opens: time
    closes: time


@dataclass(frozen=True)
class Tile:
    """One poli: its rooms, the next numbers, how many wait, and what is different today."""

    poli: str
    name: str
    doors: tuple[Door, ...]
    next_codes: tuple[str, ...]
    waiting: int
    notes: tuple[Note, ...]
    is_closed: bool
    """Staff closed every session of today."""


@dataclass(frozen=True)
class JumpNote:
    """A number that was called before others, and why; `reason` None: staff gave words of their own."""

    code: str
    reason: str | None


@dataclass(frozen=True)
class SpokenCall:
    """A call that a page says once; without clips it sounds the chime only."""

    id: int
    room: str
    code: str
    clips: tuple[str, ...]


@dataclass(frozen=True)
class Wall:
    """Everything on the screen."""

    day: date
    tiles: tuple[Tile, ...]
    absent: tuple[str, ...]
    """Polis without a session today and without a number, by name."""
    jumps: tuple[JumpNote, ...]
    calls: tuple[SpokenCall, ...]
    ahead: date | None
    booked: tuple[str, ...]


def wall_of(db: Db, facility: Facility, shelf: ClipShelf, *, poli: str | None, now: datetime) -> Wall:
    """The whole board, or one poli's."""
    day = facility.today(now)
    ahead = facility.next_open_day(day)
    changes = changes_on(db, [day])
    rows = [row for row in now_serving(db, facility, day) if poli in (None, row.poli)]
    is_here = {row.poli: poli is not None or _takes_part(row, facility, day) for row in rows}
    calls = calls_since(db, day, since=now - CALLS_STAY)
    booked = () if ahead is None else day_list(db, ahead, facility=facility, poli=poli)
    return Wall(
        day=day,
        tiles=tuple(_tile(row, facility, changes, day, now) for row in rows if is_here[row.poli]),
        absent=tuple(row.poli_name for row in rows if not is_here[row.poli]),
        jumps=tuple(_jumps(rows, facility, now=now)),
        calls=tuple(_spoken(call, facility, shelf) for call in calls if poli in (None, call.poli)),
        ahead=ahead,
        booked=tuple(booked_spans(booked)),
    )


def booked_spans(rows: Iterable[QueueRow]) -> Iterator[str]:
    """The live numbers of a day to come, a row of neighbours as its ends: "A1-A4", "B2"."""
    codes: dict[str, list[int]] = {}
    for row in rows:
        if row.state in HOLDS_A_NUMBER:
            codes.setdefault(row.code[0], []).append(row.number)
    for letter, numbers in codes.items():
        for _, run in groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0]):
            ends = [number for _, number in run]
            yield f"{letter}{ends[0]}" if len(ends) == 1 else f"{letter}{ends[0]}-{letter}{ends[-1]}"


def _takes_part(row: BoardRow, facility: Facility, day: date) -> bool:
    return bool(row.rooms or row.waiting or facility.sessions_on(row.poli, day))


def _tile(row: BoardRow, facility: Facility, changes: Sequence[ChangeView], day: date, now: datetime) -> Tile:
    codes = {each.room: each.code for each in row.rooms}
    doors = [Door(room.id, room.name, codes.pop(room.id, None)) for room in facility.rooms_of(row.poli)]
    elsewhere = next(iter(codes.values()), None)  # a room that puskesmas.yml does not know any more
    if len(doors) == 1 and doors[0].code is None:
        doors = [Door(doors[0].id, doors[0].name, elsewhere)]
    sessions = facility.sessions_on(row.poli, day)
    found = [(session, change_of(changes, poli=row.poli, day=day, session=session.name)) for session in sessions]
    closed = [change is not None and change.kind == CLOSED for _, change in found]
    local = now.astimezone(facility.zone).time()
    notes = (_note(session, change, local) for session, change in found if change is not None)
    return Tile(
        poli=row.poli,
        name=row.poli_name,
        doors=tuple(doors),
        next_codes=row.next_codes,
        waiting=row.waiting,
        notes=tuple(note for note in notes if note is not None),
        is_closed=bool(closed) and all(closed),
    )


def _note(session: Session, change: ChangeView, local: time) -> Note | None:
    """What is different about a session, until it is over or has begun after all."""
    if change.kind == LATE:
        late = datetime.combine(date.min, session.opens) + timedelta(minutes=change.late_minutes)
        return Note(LATE, late.time(), session.closes) if local < late.time() else None
    is_to_tell = change.kind == CLOSED and local < session.closes
    return Note(CLOSED, session.opens, session.closes) if is_to_tell else None


def _jumps(rows: Iterable[BoardRow], facility: Facility, *, now: datetime) -> Iterator[JumpNote]:
    recent: list[tuple[Jump, str]] = []
    for row in rows:
        recent += [(jump, row.letter) for jump in row.jumps if now - jump.at <= JUMPS_STAY]
    recent.sort(key=lambda pair: pair[0].at, reverse=True)
    for jump, letter in recent[:MOST_JUMPS]:
        yield JumpNote(f"{letter}{jump.number}", jump.reason if jump.reason in REASONS_SHOWN else None)


def _spoken(call: RoomCall, facility: Facility, shelf: ClipShelf) -> SpokenCall:
    poli, rooms = facility.poli(call.poli), facility.rooms_of(call.poli)
    letter = poli.letter if poli is not None else "?"
    room = next((each for each in rooms if each.id == call.room), rooms[0] if rooms else None)
    name = room.name if room is not None else call.poli
    clips = shelf.clips_of_call(letter, call.number, name)
    return SpokenCall(call.id, room.id if room is not None else call.poli, f"{letter}{call.number}", clips)
