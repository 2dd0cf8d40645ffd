"""Plays a transcript against the real turn and database; only the model's reading is given by the script."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from bot.bursts import next_burst
from bot.turn import Talk, handle
from clinic.cases import close_case, list_cases, take_case
from clinic.contacts import link_person, mark_greeted
from clinic.conversations import claim_next
from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.inbound import mark_answered, receive, unanswered
from clinic.membership import MembershipFacts, save_membership
from clinic.people import add_person
from clinic.queue import QueueRefused, take_number
from clinic.registering import note_travel_asked
from flows.catalogue import FLOWS, REPLIES
from nlu.client import ModelReading
from nlu.understand import Understander
from tests.transcripts.queue_day import Scene, with_settings
from tests.transcripts.unasked import say_unasked
from tests.transcripts.world import ask_to_come, register_strangers

FOLDER = Path(__file__).parent
ADDRESS = "+6281200000077"


@dataclass
class ScriptedParser:
    """Says what the script says the model would say, or nothing, as if the parser were down."""

    intent: str | None = None
    sure: float = 0.95
    others: tuple[str, ...] = ()
    parts: dict[str, str] = field(default_factory=dict)
    """Clauses of the message that would be read in another way by themselves."""

    def parse(self, text: str) -> ModelReading | None:
        intent = self.parts.get(text, self.intent)
        if intent is None:
            return None
        ranking = ((intent, self.sure), *((other, 0.1) for other in self.others))
        return ModelReading(intent=intent, confidence=self.sure, ranking=ranking, entities=())


@dataclass
class Stage:
    """One conversation being played."""

    database: Database
    facility: Facility
    keeper: IdentityKeeper
    script: dict[str, Any]
    now: datetime = field(init=False)
    parser: ScriptedParser = field(default_factory=ScriptedParser)
    count: int = 0

    def __post_init__(self) -> None:
        self.facility = with_settings(self.facility, self.script.get("settings", {}))
        self.now = read_time(self.script.get("now", "2026-11-23T08:00+08:00"))
        self.talk = Talk(
            database=self.database,
            facility=self.facility,
            keeper=self.keeper,
            understander=Understander(parser=self.parser),
            flows=FLOWS,
            replies=REPLIES,
            clock=lambda: self.now,
        )

    def say(self, line: dict[str, Any]) -> str | None:
        """One message of the patient through the whole turn; the bot's words, or None when it stays silent."""
        self.now += timedelta(seconds=20)
        self.parser.intent, self.parser.sure = line.get("reads"), line.get("sure", 0.95)
        self.parser.others = tuple(line.get("others", ()))
        self.parser.parts = dict(line.get("parts", {}))
        said = line["me"] if isinstance(line["me"], list) else [line["me"]]
        for text in said:
            self.hear("" if text is None else str(text), media=line.get("media", ()))
        with self.database.transaction() as db:
            claimed = claim_next(db, worker="script", now=self.now, lease_seconds=30)
            assert claimed is not None
            burst = next_burst(unanswered(db, claimed.contact_id))
        assert len(said) == len(burst.messages), "the script's messages are more than one burst"
        handle(self.talk, burst, worker="script")
        return self._said(burst.last.id)

    def hear(self, text: str, *, media: Any) -> None:
        """A message comes in; several under one "me" come before the bot says anything."""
        self.count += 1
        with self.database.transaction() as db:
            receive(
                db,
                provider_id=f"script-{self.count}",
                channel=self.script.get("channel", "sms"),
                address=ADDRESS,
                text=text,
                media=media,
                now=self.now,
            )

    def _said(self, inbound_id: int) -> str | None:
        from_outbox = "SELECT text FROM outbox_message WHERE key = :key"
        with self.database.engine.connect() as connection:
            row = connection.exec_driver_sql(from_outbox.replace(":key", f"'inbound:{inbound_id}:1'")).first()
        return None if row is None else str(row[0])


def play(
    script: dict[str, Any], database: Database, facility: Facility, keeper: IdentityKeeper
) -> Iterator[str | None]:
    """What the bot says to each message of the script, in order."""
    stage = Stage(database, facility, keeper, script)
    prepare(stage)
    for line in script["talk"]:
        if "me" in line:
            yield stage.say(line)
        elif "wait" in line:
            stage.now += read_span(line["wait"])
        elif "clinic" in line:
            with stage.database.transaction() as db:
                Scene(db, stage.facility, stage.keeper, stage.now, line["clinic"]).happens()
        elif "sends" in line:
            yield sent_unasked(stage, line["sends"])
        elif "staff" in line:
            staff_do(stage, line["staff"])


def sent_unasked(stage: Stage, what: Any) -> str | None:
    """What goes out without being asked for: {pushes: now}, or a session that staff change; None for nothing."""
    return say_unasked(stage.database, stage.facility, stage.keeper, what, now=stage.now)


def staff_do(stage: Stage, what: str) -> None:
    """Staff take or close the newest open case."""
    with stage.database.transaction() as db:
        case = list_cases(db, state=None, limit=1, offset=0)[0]
        if what == "takes":
            take_case(db, case.id, staff_id=None, now=stage.now)
        elif what == "closes":
            close_case(db, case.id, staff_id=None, outcome="", now=stage.now)
        else:
            raise ValueError(f"staff can take or close, not {what!r}")


def prepare(stage: Stage) -> None:
    """What the script takes as given: nobody; a register; a family, perhaps with a number or a reminder.

    The family was asked how far they live, where it is not "unasked".
    """
    given = str(stage.script.get("given", "none"))
    if given == "none":
        return
    if given == "register":
        with stage.database.transaction() as db:
            register_strangers(db, stage.facility, keeper=stage.keeper, now=stage.now)
        return
    with stage.database.transaction() as db:
        first = receive(
            db, provider_id="script-0", channel=stage.script.get("channel", "sms"), address=ADDRESS, text="halo",
            now=stage.now - timedelta(days=3),
        )  # fmt: skip
        mark_answered(db, first.inbound_id, now=stage.now - timedelta(days=3), reading={})
        mark_greeted(db, first.contact_id, now=stage.now - timedelta(days=3))
        ids = [_add(stage, db, first.contact_id, *row) for row in FAMILY]
        if "unasked" not in given:
            note_travel_asked(db, first.contact_id, now=stage.now - timedelta(days=3))
        if "number" in given:
            _take(stage, db, ids[0], first.contact_id)
        if "reminder" in given:
            ask_to_come(db, stage.facility, contact_id=first.contact_id, person_id=ids[1], now=stage.now)


FAMILY = (
    ("Siti Aminah", "self", date(1990, 5, 12), "P", True),
    ("Budi", "child", date(2024, 2, 10), "L", None),
    ("Rohani", "parent", date(1955, 3, 1), "P", False),
)


def _add(stage: Stage, db: Any, contact_id: int, name: str, role: str, born: date, sex: str, active: Any) -> int:
    person = add_person(
        db, name=name, birth_date=born, sex=sex, nik=None, card=None, keeper=stage.keeper, now=stage.now
    )
    link_person(db, contact_id=contact_id, person_id=person.id, role=role, proof="claimed", now=stage.now)
    if active is not None:
        facts = MembershipFacts(
            is_active=active, status="AKTIF" if active else "TIDAK AKTIF", segment="PBI", care_class="3",
            facility=stage.facility.name, as_of=date(2026, 11, 20),
        )  # fmt: skip
        save_membership(db, person.id, facts, now=stage.now)
    return int(person.id)


def _take(stage: Stage, db: Any, person_id: int, contact_id: int) -> None:
    tomorrow = stage.facility.today(stage.now) + timedelta(days=1)
    try:
        take_number(
            db, facility=stage.facility, poli="gigi", day=tomorrow, session="pagi", person_id=person_id,
            contact_id=contact_id, via="sms", now=stage.now,
        )  # fmt: skip
    except QueueRefused as error:
        raise AssertionError(f"the script's day has no room: {error}") from error


def read_time(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def read_span(text: str) -> timedelta:
    """ "70 minutes", "2 hours", "1 days"."""
    number, unit = text.split()
    return timedelta(**{unit if unit.endswith("s") else unit + "s": float(number)})


def scripts() -> list[Path]:
    return sorted(FOLDER.glob("*.yml"))


def load(path: Path) -> dict[str, Any]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or "talk" not in content:
        raise ValueError(f"{path}: a transcript needs a talk")
    return content
