"""Compare: what was sent in and was to come out against what the provider took, message by message; nothing is read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.chaos.records import RANKS, OutboxRow, Records
from tests.chaos.script import Patient, Script
from tests.chaos.writing import SentIn
from tests.twilio_fake.journal import CallbackRow, Request, Taken

Answers = Mapping[tuple[str, tuple[str, ...]], tuple[str, ...]]
"""(channel, texts) -> the answers, in order, that somebody got while nothing was wrong."""
TWILIO_GIVES_UP_AFTER = 15.0


@dataclass(frozen=True)
class Happened:
    """All that is known after a run."""

    script: Script
    sent: Sequence[SentIn]
    answers: Answers
    messages: Sequence[Taken]
    requests: Sequence[Request]
    callbacks: Sequence[CallbackRow]
    records: Records
    backwards: Sequence[tuple[int, str, str]] = ()
    kills: Mapping[str, int] = field(default_factory=dict)


@dataclass
class Count:
    """One promise: how many there were to keep, and where it was not kept."""

    wanted: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    by_provider: int = 0
    """Doubled by the provider itself: nobody asked for these twice."""
    other: list[str] = field(default_factory=list)
    """Came although nobody was to get it, such as an apology."""
    wrong_order: list[str] = field(default_factory=list)
    untold: int = 0
    """Nothing could follow: the provider's word that it failed got lost on its way to us."""

    @property
    def is_kept(self) -> bool:
        return not (self.lost or self.doubled or self.other or self.wrong_order)


@dataclass(frozen=True)
class Verdict:
    """What a run came to."""

    inbound: Count
    late: int
    """Confirmed later than Twilio would have waited."""
    slowest: float
    replies: Count
    reminders: Count
    refused: Mapping[int, Count]
    """By the provider's code: phones on which nothing arrives, and what was to follow."""
    unknown_to_us: Sequence[str]
    """Taken by the provider, and no message of ours has its id."""
    unsettled: Sequence[str]
    backwards: Sequence[tuple[int, str, str]]
    forgotten: Sequence[str]
    """Statuses that we confirmed and that do not show."""
    asked_later: int
    """The same, where the message will be asked about, as no word of it has come."""
    faults: Mapping[str, tuple[int, int, int]]
    """By fault: sends that met it, and of their messages those lost and doubled."""

    @property
    def is_kept(self) -> bool:
        counts = (self.inbound, self.replies, self.reminders, *self.refused.values())
        lists = (self.unknown_to_us, self.unsettled, self.backwards, self.forgotten)
        return all(count.is_kept for count in counts) and not any(lists)


def judge(happened: Happened) -> Verdict:
    """Every promise, counted."""
    by_number: dict[str, list[Taken]] = defaultdict(list)
    for taken in happened.messages:
        by_number[taken.number].append(taken)
    confirmed = _confirmed(happened.sent)
    replies = _replies(happened, confirmed, by_number)
    reminders = _reminders(happened, by_number)
    forgotten = _forgotten(happened)
    ordinary = [row for row in happened.records.outbox if not _is_telling(happened, row.number)]
    return Verdict(
        inbound=_inbound(happened),
        late=sum((one.confirmed_after or 0) > TWILIO_GIVES_UP_AFTER for one in happened.sent),
        slowest=max((one.confirmed_after or 0 for one in happened.sent), default=0.0),
        replies=replies,
        reminders=reminders,
        refused=_refused(happened, by_number),
        unknown_to_us=_unknown_to_us(happened),
        unsettled=[f"{row.key} {row.state} {row.error_code}" for row in ordinary if row.state not in RANKS],
        backwards=happened.backwards,
        forgotten=[f"{row.key} is {row.state}" for row in forgotten if row.state != "sent"],
        asked_later=sum(row.state == "sent" for row in forgotten),
        faults=_faults(happened, lost={*replies.lost, *reminders.lost}, doubled={*replies.doubled, *reminders.doubled}),
    )


def _confirmed(sent: Iterable[SentIn]) -> dict[Patient, list[SentIn]]:
    """What each patient was told is received, in the order of writing."""
    found: dict[Patient, list[SentIn]] = defaultdict(list)
    for one in sorted(sent, key=lambda one: one.place):
        if one.confirmed_after is not None:
            found[one.patient].append(one)
    return found


def _inbound(happened: Happened) -> Count:
    """Every message that was written is kept once, and dealt with."""
    count = Count(wanted=len(happened.sent))
    kept = Counter(row.provider_id for row in happened.records.inbound)
    states = {row.provider_id: row.state for row in happened.records.inbound}
    for one in happened.sent:
        name = f"{one.patient.number} {one.text!r}"
        if one.confirmed_after is None or not kept[one.sid]:
            count.lost.append(name)
        elif kept[one.sid] > 1:
            count.doubled.append(name)
        elif states[one.sid] != "answered":
            count.other.append(f"{name}: {states[one.sid]}")
    return count


def _replies(
    happened: Happened, confirmed: Mapping[Patient, Sequence[SentIn]], by_number: Mapping[str, Sequence[Taken]]
) -> Count:
    count = Count()
    joined = {row.provider_id for row in happened.records.inbound if row.is_joined}
    for patient in happened.script.patients:
        # What was read together, as the same digit pressed twice, has one answer.
        sent = [one for one in confirmed.get(patient, ()) if one.sid not in joined]
        taken = by_number.get(patient.number, ())
        if patient.is_burst:
            count_whatever(count, patient.number, len(sent), taken)
        elif patient.code is None:
            answers = happened.answers[patient.channel, patient.texts]
            count_texts(count, patient.number, [answers[one.place] for one in sent], taken)
    return count


def count_whatever(count: Count, number: str, wanted: int, taken: Sequence[Taken]) -> None:
    """So many messages, whatever they say."""
    count.wanted += wanted
    asked_for = sum(not one.is_double for one in taken)
    count.by_provider += len(taken) - asked_for
    count.lost += [number] * max(0, wanted - len(taken))
    count.doubled += [number] * max(0, asked_for - wanted)


def count_texts(count: Count, number: str, wanted: Sequence[str], taken: Sequence[Taken]) -> None:
    """What one phone was to get, in this order, against what the provider took for it."""
    count.wanted += len(wanted)
    asked_for = [one for one in taken if not one.is_double]
    came, expected = Counter(one.body for one in taken), Counter(wanted)
    own_doubles = Counter(one.body for one in taken if one.is_double)
    for body in {*came, *expected}:
        lost, more = expected[body] - came[body], came[body] - expected[body]
        count.lost += [number] * max(0, lost)
        by_provider = min(max(0, more), own_doubles[body])
        count.by_provider += by_provider
        too_many = max(0, more - by_provider)
        if body in expected:
            count.doubled += [number] * too_many
        else:
            count.other += [f"{number} got {body[:60]!r}"] * too_many
    if not _is_in_order([one.body for one in asked_for], wanted):
        count.wrong_order.append(number)


def _is_in_order(came: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether what came follows the order of what was wanted, as far as it came; equal texts count as they come."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, body in enumerate(wanted):
        places[body].append(place)
    seen: Counter[str] = Counter()
    order = []
    for body in came:
        if seen[body] < len(places[body]):
            order.append(places[body][seen[body]])
        seen[body] += 1
    return order == sorted(order)


def _reminders(happened: Happened, by_number: Mapping[str, Sequence[Taken]]) -> Count:
    """Each person once, whatever the text and by whichever channel."""
    count = Count()
    for _, number in happened.script.reminded:
        count_whatever(count, number, 1, by_number.get(number, ()))
    return count


# What is to follow on a phone with this code: one of these (messages by WhatsApp, by SMS), and where it shows that the
# code was understood.
FOLLOWS: Mapping[int, tuple[frozenset[tuple[int, int]], str]] = {
    21610: (frozenset({(0, 0)}), "stopped"),
    21614: (frozenset({(0, 0)}), "told"),
    30003: (frozenset({(0, 1)}), "waits"),
    30005: (frozenset({(0, 1)}), "told"),
    30008: (frozenset({(0, 1), (0, 2)}), "anything"),
    63003: (frozenset({(1, 1)}), "anything"),
    63013: (frozenset({(1, 0), (2, 0)}), "told"),
    63014: (frozenset({(1, 0)}), "stopped"),
    63016: (frozenset({(2, 0), (1, 1)}), "anything"),
}


def _refused(happened: Happened, by_number: Mapping[str, Sequence[Taken]]) -> Mapping[int, Count]:
    found: dict[int, Count] = {}
    for patient in happened.script.patients:
        if patient.code is None:
            continue
        count = found.setdefault(patient.code, Count())
        count.wanted += 1
        taken = [one for one in by_number.get(patient.number, ()) if not one.is_double]
        by_whatsapp = sum(one.recipient.startswith("whatsapp:") for one in taken)
        if taken and not _was_told(happened, taken):
            count.untold += 1
            continue
        right, sign = FOLLOWS[patient.code]
        came = (by_whatsapp, len(taken) - by_whatsapp)
        if came not in right:
            where = count.doubled if sum(came) > max(sum(pair) for pair in right) else count.lost
            where.append(patient.number)
        if not _shows(happened.records, patient, sign):
            count.other.append(f"{patient.number}: not {sign}")
    return found


def _was_told(happened: Happened, taken: Sequence[Taken]) -> bool:
    """Whether the word of each failure reached us; without it nothing can follow."""
    told = {one.sid for one in happened.callbacks if one.status == "undelivered" and one.answered == 200}
    return all(one.sid in told for one in taken if one.error_code)


def _shows(records: Records, patient: Patient, sign: str) -> bool:
    """Whether the database has drawn the conclusion."""
    if sign == "stopped":
        return patient.number in records.stopped
    if sign == "told":
        return (patient.number, str(patient.code)) in records.told
    if sign == "waits":
        return any(row.number == patient.number and row.state == "queued" for row in records.outbox)
    return True


def _is_telling(happened: Happened, number: str) -> bool:
    return any(patient.code is not None and patient.number == number for patient in happened.script.patients)


def _unknown_to_us(happened: Happened) -> list[str]:
    """Messages at the provider that no row of ours accounts for; of a pair that it made itself one is enough."""
    ours = {row.provider_id for row in happened.records.outbox}
    requests: dict[int | None, list[Taken]] = defaultdict(list)
    for taken in happened.messages:
        requests[taken.request_id].append(taken)
    return [
        f"{group[0].recipient} {group[0].fault}"
        for group in requests.values()
        if not any(taken.sid in ours for taken in group)
    ]


def _forgotten(happened: Happened) -> list[OutboxRow]:
    """Where the row is less far than a status that we confirmed to the provider."""
    rows: dict[str | None, OutboxRow] = {row.provider_id: row for row in happened.records.outbox}
    told: dict[str, int] = defaultdict(int)
    for callback in happened.callbacks:
        if callback.answered == 200:
            told[callback.sid] = max(told[callback.sid], RANKS.get(callback.status, 0))
    behind = ((rows[sid], rank) for sid, rank in told.items() if sid in rows)
    return [row for row, rank in behind if RANKS.get(row.state, 0) < rank]


def _faults(happened: Happened, *, lost: set[str], doubled: set[str]) -> Mapping[str, tuple[int, int, int]]:
    met: dict[str, list[str]] = defaultdict(list)
    for request in happened.requests:
        if request.method == "POST" and request.fault not in ("", "fine"):
            met[request.fault].append((request.recipient or "").removeprefix("whatsapp:"))
    return {
        name: (len(numbers), len(lost & set(numbers)), len(doubled & set(numbers)))
        for name, numbers in sorted(met.items())
    }
