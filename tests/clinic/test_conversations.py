"""Conversations: one turn at a time per contact, the longest waiting first, and silence while staff hold them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from clinic.conversations import (
    ClaimedTurn,
    ClaimLost,
    Pause,
    claim_next,
    conversation_of,
    hand_to_bot,
    hand_to_staff,
    has_unanswered,
    load_state,
    release,
    save_state,
)
from clinic.database import Database
from clinic.inbound import end_of_burst, mark_answered, receive
from tests.clinic.hands import PHONE, a_contact, a_message, at_once


def claim(db: Session, now: datetime, worker: str = "a") -> ClaimedTurn | None:
    return claim_next(db, worker=worker, now=now, lease_seconds=30)


def test_no_conversation_goes_to_two_workers(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        for number in range(30):
            a_message(db, now, provider_id=f"SM{number}", address=f"+6281200000{number:03}")

    def take(db: Session, number: int) -> int | None:
        turn = claim(db, now, worker=f"w{number}")
        return None if turn is None else turn.contact_id

    taken = [contact_id for contact_id in at_once(database, take, range(40)) if contact_id is not None]
    with database.transaction() as db:
        # On Postgres a worker passes by rows that another looks at; what is left it finds the next time.
        while (turn := claim(db, now)) is not None:
            taken.append(turn.contact_id)
    assert (30, 30) == (len(taken), len(set(taken)))


def test_one_contact_with_many_messages_is_answered_by_one_worker_at_a_time(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        for number in range(10):
            a_message(db, now, provider_id=f"SM{number}")

    def take(db: Session, number: int) -> ClaimedTurn | None:
        return claim(db, now, worker=f"w{number}")

    turns = [turn for turn in at_once(database, take, range(16)) if turn is not None]
    assert [10] == [len(turn.inbound_ids) for turn in turns]


def test_messages_are_handed_over_in_order(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        ids = [a_message(db, now, provider_id=f"SM{number}") for number in range(4)]
        turn = claim(db, now)
    assert turn is not None
    assert tuple(ids) == turn.inbound_ids


def test_who_waits_longest_is_answered_first(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        for minutes in (5, 1, 9):
            a_message(
                db, now + timedelta(minutes=minutes), provider_id=f"SM{minutes}", address=f"+62812000000{minutes}"
            )
        a_message(db, now + timedelta(minutes=10), provider_id="SM10", address="+628120000001")
        order = [turn.contact_id for turn in (claim(db, now + timedelta(hours=2)) for _ in range(3)) if turn]
    assert [2, 1, 3] == order


def test_a_claim_whose_lease_ran_out_is_taken_up_again_and_counted(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        a_message(db, now, provider_id="SM1")
        first = claim(db, now)
        too_early = claim(db, now + timedelta(seconds=29))
        again = claim(db, now + timedelta(seconds=31))
    assert first is not None
    assert again is not None
    assert (1, None, 2) == (first.tries, too_early, again.tries)


def test_a_worker_that_lost_its_claim_may_write_nothing(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        a_message(db, now, provider_id="SM1")
        slow = claim(db, now, worker="slow")
        claim(db, now + timedelta(minutes=1), worker="quick")
    assert slow is not None
    with pytest.raises(ClaimLost), database.transaction() as db:
        save_state(db, slow.contact_id, {"step": "poli"}, now=now, worker="slow")
    with database.reading() as db:
        assert {} == load_state(db, slow.contact_id)


def test_a_released_conversation_is_free_at_once_but_not_by_others(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        a_message(db, now, provider_id="SM1")
        turn = claim(db, now, worker="a")
        assert turn is not None
        release(db, turn.contact_id, worker="b")
        still_taken = claim(db, now, worker="b")
        release(db, turn.contact_id, worker="a")
        free = claim(db, now, worker="b")
    assert still_taken is None
    assert free is not None


def test_nothing_waits_when_all_is_answered(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        inbound_id = a_message(db, now, provider_id="SM1")
        before = has_unanswered(db, now=now)
        mark_answered(db, inbound_id, now=now, reading={})
        assert (True, False, None) == (before, has_unanswered(db, now=now), claim(db, now))


def test_the_state_comes_back_as_it_was_kept(database: Database, now: datetime) -> None:
    state = {"flow": "book_queue", "step": "poli", "answers": {"day": "2026-11-24"}, "unclear": 1}
    with database.transaction() as db:
        contact_id, _ = a_contact(db, now)
        empty = load_state(db, contact_id)
        save_state(db, contact_id, state, now=now)
    with database.reading() as db:
        assert ({}, state) == (empty, load_state(db, contact_id))


@pytest.mark.parametrize(
    ("hours", "is_silent"),
    [
        pytest.param(0, True, id="just taken"),
        pytest.param(11, True, id="shortly before the end"),
        pytest.param(12, False, id="after the agreed time"),
    ],
)
def test_the_bot_is_silent_for_as_long_as_agreed(
    database: Database, now: datetime, hours: int, is_silent: bool
) -> None:
    with database.transaction() as db:
        contact_id, _ = a_contact(db, now)
        hand_to_staff(db, contact_id, until=now + timedelta(hours=12))
        assert is_silent == conversation_of(db, contact_id).is_with_staff(now + timedelta(hours=hours))


def test_the_bot_speaks_again_when_it_is_given_the_conversation(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        contact_id, _ = a_contact(db, now)
        hand_to_staff(db, contact_id, until=now + timedelta(hours=12))
        hand_to_bot(db, contact_id)
        assert not conversation_of(db, contact_id).is_with_staff(now)


# --- waiting for more of the same thought ---

PAUSE = Pause(seconds=4, longest_seconds=10)


def _at(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=seconds)


def _write(db: Session, at: datetime, number: int, *, pause: Pause | None = PAUSE) -> None:
    receive(
        db, provider_id=f"SM{number}", channel="whatsapp", address=PHONE, text=str(number), pause=pause, now=at
    )  # fmt: skip


def test_a_message_waits_for_more_and_every_further_one_lets_it_wait_anew(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        _write(db, now, 1)
        _write(db, _at(now, 3), 2)
        early = (has_unanswered(db, now=_at(now, 6.9)), claim(db, _at(now, 6.9)))
        turn = claim(db, _at(now, 7))
    assert ((False, None), (1, 2)) == (early, turn and turn.inbound_ids)


def test_somebody_who_never_stops_writing_is_answered_all_the_same(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        for second in range(10):
            _write(db, _at(now, second), second)
        early, turn = claim(db, _at(now, 9.9)), claim(db, _at(now, 10))
    assert (None, 10) == (early, turn and len(turn.inbound_ids))


def test_what_is_answered_at_once_takes_along_what_waits(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        _write(db, now, 1)
        _write(db, _at(now, 1), 2, pause=None)
        _write(db, _at(now, 1), 3)
        turn = claim(db, _at(now, 1))
    assert (1, 2, 3) == (turn and turn.inbound_ids)


def test_what_comes_during_a_turn_waits_for_its_own_turn(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        _write(db, now, 1, pause=None)
        first = claim(db, now)
        assert first is not None
        _write(db, _at(now, 1), 2)
        mark_answered(db, first.inbound_ids[0], now=_at(now, 2), reading={})
        release(db, first.contact_id, worker="a")
        early, second = claim(db, _at(now, 4.9)), claim(db, _at(now, 5))
    assert (None, (2,)) == (early, second and second.inbound_ids)


def test_a_turn_that_was_lost_is_taken_up_again_with_what_came_since(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        _write(db, now, 1, pause=None)
        claim(db, now)
        _write(db, _at(now, 40), 2)
        again = claim(db, _at(now, 40))
    assert ((1, 2), 2) == ((again.inbound_ids, again.tries) if again else None)


def test_the_longest_pause_counts_anew_after_an_answer(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        _write(db, now, 1)
        first = claim(db, _at(now, 4))
        assert first is not None
        mark_answered(db, first.inbound_ids[0], now=_at(now, 4), reading={})
        release(db, first.contact_id, worker="a")
        _write(db, _at(now, 20), 2)
        early, second = claim(db, _at(now, 23.9)), claim(db, _at(now, 24))
    assert (None, (2,)) == (early, second and second.inbound_ids)


def test_who_says_that_nothing_more_comes_is_answered_now(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        _write(db, now, 1)
        end_of_burst(db, channel="whatsapp", address=PHONE)
        end_of_burst(db, channel="sms", address=PHONE)
        turn = claim(db, now)
    assert (1,) == (turn and turn.inbound_ids)
