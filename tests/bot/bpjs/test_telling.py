"""BPJS is told of numbers taken, called and given back: each once, in order, whatever breaks on the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from sqlalchemy import update

from bot.bpjs.telling import LEASE_SECONDS, MOST_A_ROUND, Telling, resume
from clinic import routes
from clinic.bpjs_effects import claim_effect
from clinic.identity import IdentityKeeper
from clinic.people import Person
from clinic.queue_table import BpjsEffect, QueueEntry
from tests.bot.bpjs.conftest import TellingWorld
from tests.jkn_client import card, nik
from tests.jkn_world import MONDAY, TUESDAY


def test_a_number_taken_by_chat_is_told_with_everything_the_fact_sheet_names(centre: TellingWorld) -> None:
    person_id = centre.add_patient(1)
    with centre.services.database.transaction() as db:
        db.execute(update(Person).where(Person.id == person_id).values(record_number="012345"))
    centre.take(person_id, via="whatsapp")
    assert 1 == centre.tell()
    expected = {
        "nomorkartu": card(1),
        "nik": nik(1),
        "nohp": "",
        "kodepoli": "001",
        "namapoli": "UMUM",
        "norm": "012345",
        "tanggalperiksa": "2026-11-24",
        "kodedokter": 900001,
        "namadokter": "dr. Contoh Melati",
        "jampraktek": "08:00-11:00",
        "nomorantrean": "A-1",
        "angkaantrean": 1,
        "keterangan": "",
    }
    assert [expected] == centre.standin.of("add")
    assert [("add", "done")] == centre.effects()


def test_a_call_is_told_in_milliseconds_and_nobody_there_as_absent(centre: TellingWorld) -> None:
    centre.take(centre.add_patient(1), day=MONDAY)
    entry_id = centre.call()
    centre.tell()
    centre.clock.forward(minutes=5)
    centre.skip(entry_id)
    centre.tell()
    present = {"tanggalperiksa": "2026-11-23", "kodepoli": "001", "nomorkartu": card(1), "status": 1}
    at = int((centre.clock.now.timestamp() - 300) * 1000)
    assert [present | {"waktu": at}, present | {"status": 2, "waktu": at + 300_000}] == centre.standin.of("panggil")


def test_a_number_given_back_is_told_when_salah_can_bring_it_back_no_more(centre: TellingWorld) -> None:
    ticket = centre.take(centre.add_patient(1))
    centre.tell()
    centre.cancel(ticket.id)
    assert 0 == centre.tell(after=9 * 60)
    assert 1 == centre.tell(after=60)
    cancelled = {"tanggalperiksa": "2026-11-24", "kodepoli": "001", "nomorkartu": card(1)}
    assert [cancelled | {"alasan": "pasien batal hadir"}] == centre.standin.of("batal")
    assert ["add", "batal"] == [each.kind for each in centre.standin.told]


def test_given_back_before_it_was_told_is_never_told(centre: TellingWorld) -> None:
    centre.cancel(centre.take(centre.add_patient(1)).id)
    assert 0 == centre.tell(after=600)
    assert [("add", "dropped"), ("batal", "dropped")] == centre.effects()
    assert ["taken_back", "not_added"] == centre.reasons()


def test_a_number_brought_back_by_salah_in_time_was_never_away_for_bpjs(centre: TellingWorld) -> None:
    ticket = centre.take(centre.add_patient(1))
    for _ in range(2):
        centre.tell()
        centre.cancel(ticket.id)
        centre.clock.forward(minutes=2)
        centre.restore(ticket.id)
        centre.tell(after=600)
    centre.cancel(ticket.id)
    centre.tell(after=600)
    assert ["add", "batal"] == [each.kind for each in centre.standin.told]
    assert ["200", "restored", "known", "restored", "known", "200"] == centre.reasons()


def test_a_number_restored_after_its_cancelling_was_told_is_added_anew(centre: TellingWorld) -> None:
    ticket = centre.take(centre.add_patient(1))
    centre.standin.remembers_doubles = False
    centre.tell()
    centre.cancel(ticket.id)
    centre.tell(after=600)
    centre.restore(ticket.id)
    centre.tell()
    assert ["add", "batal", "add"] == [each.kind for each in centre.standin.told]


def test_what_mobile_jkn_gave_back_and_staff_restored_is_added_anew(centre: TellingWorld) -> None:
    ticket = centre.take(centre.add_patient(1), via="jkn")
    centre.cancel(ticket.id, actor="jkn")
    centre.restore(ticket.id)
    centre.tell()
    assert ["add"] == [each.kind for each in centre.standin.told]


def test_what_staff_gave_back_of_mobile_jkns_numbers_is_told(centre: TellingWorld) -> None:
    centre.cancel(centre.take(centre.add_patient(1), via="jkn").id, actor="staff:1")
    centre.tell(after=600)
    assert ["batal"] == [each.kind for each in centre.standin.told]


def test_whoever_has_no_card_is_told_of_without_one_and_their_call_is_not_told(centre: TellingWorld) -> None:
    centre.take(centre.add_patient(1, has_card=False), day=MONDAY)
    centre.call()
    centre.tell()
    assert [("", nik(1))] == [(each["nomorkartu"], each["nik"]) for each in centre.standin.of("add")]
    assert ([("add", "done"), ("panggil", "dropped")], []) == (centre.effects(), centre.cases())


def test_a_number_of_mobile_jkn_is_not_told_of_but_its_call_is(centre: TellingWorld) -> None:
    person_id = centre.add_patient(1)
    centre.take(person_id, via="jkn", day=MONDAY)
    centre.call()
    centre.tell()
    assert ["panggil"] == [each.kind for each in centre.standin.told]


def test_what_nobody_can_tell_is_dropped_with_a_reason(centre: TellingWorld) -> None:
    centre.take(centre.add_patient(1, has_card=False, has_nik=False))
    centre.take(centre.add_patient(2), poli="kia")  # its midwife has no number at BPJS
    centre.take(centre.add_patient(3), poli="imunisasi")
    assert 0 == centre.tell()
    assert ["no_identity", "no_doctor", "no_poli_code"] == centre.reasons()


def test_numbers_kept_with_another_key_hold_nobody_up(centre: TellingWorld) -> None:
    keeper = centre.services.keeper
    centre.services = replace(centre.services, keeper=IdentityKeeper("another key than the one of today"))
    centre.take(centre.add_patient(1))
    centre.services = replace(centre.services, keeper=keeper)
    centre.take(centre.add_patient(2))
    centre.tell()
    assert (["unreadable", "200"], 1) == (centre.reasons(), len(centre.standin.told))


def test_a_day_that_is_over_is_told_of_no_more(centre: TellingWorld) -> None:
    centre.take(centre.add_patient(1), day=MONDAY)
    assert 0 == centre.tell(after=24 * 3600)
    assert ["past"] == centre.reasons()


@pytest.mark.parametrize("fault", ["429", "500", "html", "empty", "half"])
def test_what_fails_for_now_is_told_later(centre: TellingWorld, fault: str) -> None:
    centre.standin.faults.append(fault)
    centre.take(centre.add_patient(1))
    centre.tell()
    assert ([], 0) == (centre.standin.told, centre.tell(after=5))
    assert 1 == centre.tell(after=25)
    assert [("add", "done")] == centre.effects()


def test_the_waits_grow_up_to_a_quarter_of_an_hour(centre: TellingWorld) -> None:
    worker = centre.worker()
    waits = [worker._wait(tries).total_seconds() for tries in range(1, 12)]
    assert 11 < waits[0] < 19
    assert all(later > before for before, later in pairwise(waits[:7]))
    assert all(900 * 0.75 <= wait <= 900 * 1.25 for wait in waits[7:])


@pytest.mark.parametrize("fault", ["after-timeout", "after-500"])
def test_an_answer_that_was_lost_is_told_again_and_its_refusal_as_known_is_a_success(
    centre: TellingWorld, fault: str
) -> None:
    centre.standin.faults.append(fault)
    centre.take(centre.add_patient(1))
    centre.tell()
    assert [("add", "unknown")] == centre.effects()
    centre.tell(after=30)
    assert (1, [("add", "done")], []) == (len(centre.standin.told), centre.effects(), centre.cases())


def test_the_same_words_at_the_first_try_are_a_refusal(centre: TellingWorld) -> None:
    centre.standin.faults.append("Nomor Antrean sudah ada")
    centre.take(centre.add_patient(1))
    centre.tell()
    assert [("add", "refused")] == centre.effects()


def test_a_worker_killed_between_memo_and_call_is_made_up_for_after_its_lease(centre: TellingWorld) -> None:
    centre.take(centre.add_patient(1))
    with centre.services.database.transaction() as db:
        assert claim_effect(db, worker="killed", now=centre.clock(), lease_seconds=LEASE_SECONDS) is not None
    assert 0 == centre.tell(after=LEASE_SECONDS - 1)
    assert 1 == centre.tell(after=1)
    assert (1, [("add", "done")]) == (len(centre.standin.told), centre.effects())


def test_a_worker_killed_between_call_and_result_tells_it_once_as_far_as_bpjs_sees(centre: TellingWorld) -> None:
    centre.take(centre.add_patient(1))
    dying = centre.worker("dying")
    taken = dying._take()
    assert taken is not None
    effect, body = taken
    assert body is not None
    assert "accepted" == dying.client.tell(effect.kind, body).meaning
    centre.tell(after=LEASE_SECONDS)
    assert (1, [("add", "done")]) == (len(centre.standin.told), centre.effects())


def test_a_result_that_comes_after_its_lease_changes_nothing(centre: TellingWorld) -> None:
    centre.take(centre.add_patient(1))
    slow = centre.worker("slow")
    taken = slow._take()
    assert taken is not None
    centre.tell(after=LEASE_SECONDS)
    with centre.services.database.transaction() as db:
        slow._settle(
            db, taken[0], slow.client.tell("panggil", {"kodepoli": "x", "tanggalperiksa": ""}), now=centre.clock()
        )
    assert ([("add", "done")], []) == (centre.effects(), centre.cases())


def test_eight_workers_at_once_tell_each_thing_once_and_in_order(centre: TellingWorld) -> None:
    tickets = [centre.take(centre.add_patient(number), via="whatsapp") for number in range(1, 31)]
    for ticket in tickets[:10]:
        with centre.services.database.transaction() as db:
            db.execute(update(BpjsEffect).where(BpjsEffect.entry_id == ticket.id).values(state="done"))
        centre.cancel(ticket.id)
    centre.clock.forward(minutes=10)
    workers = [centre.worker(f"w{number}") for number in range(8)]

    def work(worker: Telling) -> int:
        return sum(worker.tell_due() for _ in range(6))

    with ThreadPoolExecutor(8) as pool:
        calls = sum(pool.map(work, workers))
    assert (30, 30) == (calls, len(centre.standin.told))
    assert list(range(11, 31)) == sorted(each["angkaantrean"] for each in centre.standin.of("add"))
    assert {"done"} == {state for _, state in centre.effects()}


def test_a_later_thing_waits_for_the_earlier_one_of_its_number_only(centre: TellingWorld) -> None:
    centre.standin.faults.append("429")
    centre.take(centre.add_patient(1), day=MONDAY)
    centre.take(centre.add_patient(2), day=MONDAY)
    centre.call()
    centre.tell()
    centre.tell(after=1)
    assert [2] == [each["angkaantrean"] for each in centre.standin.of("add")]
    assert [] == centre.standin.of("panggil")
    centre.tell(after=25)
    assert ["add", "add", "panggil"] == [each.kind for each in centre.standin.told]


def test_one_round_is_bounded(centre: TellingWorld) -> None:
    for number in range(1, MOST_A_ROUND + 6):
        centre.take(centre.add_patient(number))
    assert [MOST_A_ROUND, 5, 0] == [centre.tell() for _ in range(3)]


def test_a_refusal_is_kept_and_told_to_staff_once_a_day_without_numbers(centre: TellingWorld) -> None:
    centre.standin.faults += [f"Peserta {card(number)} tidak terdaftar" for number in (1, 2)]
    for number in (1, 2):
        centre.take(centre.add_patient(number))
    centre.tell()
    assert [("add", "refused")] * 2 == centre.effects()
    assert ["bpjs_refused"] == [each.topic for each in centre.cases()]
    assert "Peserta ... tidak terdaftar" in centre.cases()[0].text
    centre.clock.forward(days=1)
    centre.standin.faults.append("Peserta tidak terdaftar")
    centre.standin.faults.append(f"Peserta {card(4)} tidak terdaftar")
    for number in (3, 4):
        centre.take(centre.add_patient(number))
    centre.tell()
    assert 3 == len(centre.cases())


def test_what_follows_a_refused_number_is_dropped_quietly(centre: TellingWorld) -> None:
    centre.standin.faults.append("Poli Sedang Tutup")
    centre.take(centre.add_patient(1), day=MONDAY)
    centre.call()
    centre.tell()
    assert [("add", "refused"), ("panggil", "dropped")] == centre.effects()
    assert (1, 1) == (centre.standin.calls, len(centre.cases()))


def test_refused_keys_stop_everything_for_every_worker_until_somebody_looked(centre: TellingWorld) -> None:
    centre.standin.faults += ["401", "401"]
    for number in range(1, 6):
        centre.take(centre.add_patient(number))
    centre.tell()
    for hour in range(3):
        assert 0 == centre.worker(f"w{hour}").tell_due()
        centre.clock.forward(hours=1)
    assert (1, ["bpjs_keys"]) == (centre.standin.calls, [each.topic for each in centre.cases()])
    assert resume(centre.services)
    centre.tell()
    assert (2, ["open"]) == (centre.standin.calls, [each.state for each in centre.cases()])
    assert resume(centre.services)
    centre.tell()
    assert ({"done"}, ["closed"]) == ({state for _, state in centre.effects()}, [each.state for each in centre.cases()])
    assert not resume(centre.services)


def test_other_keys_are_tried_without_being_asked(centre: TellingWorld) -> None:
    right = centre.services
    wrong = replace(right.settings, bpjs_secret="salah")  # pragma: allowlist secret
    centre.services = replace(right, settings=wrong)
    centre.take(centre.add_patient(1))
    centre.tell()
    assert 0 == centre.tell(after=600)
    centre.services = right
    assert 1 == centre.tell()
    assert ([("add", "done")], ["closed"]) == (centre.effects(), [each.state for each in centre.cases()])


def test_while_bpjs_is_away_it_is_asked_ever_more_seldom_and_nothing_is_lost(centre: TellingWorld) -> None:
    settings = replace(centre.services.settings, bpjs_antrean_url="http://127.0.0.1:9")
    away, there = replace(centre.services, settings=settings), centre.services
    for number in range(1, 10):
        centre.take(centre.add_patient(number))
    centre.services = away
    calls = [centre.tell(after=5) for _ in range(60)]
    assert {0, 1} == set(calls)
    assert sum(calls) < 25
    with there.database.reading() as db:
        assert routes.route_states(db, ("bpjs_antrean",))["bpjs_antrean"].failures >= 5
    centre.services = there
    for _ in range(20):
        centre.tell(after=60)
    assert 9 == len(centre.standin.told)


def test_nothing_is_noted_where_bpjs_is_not_told(centre: TellingWorld) -> None:
    quiet = centre.facility.model_copy(update={"bpjs": centre.facility.bpjs.model_copy(update={"tell": False})})
    centre.services = replace(centre.services, facility=quiet)
    centre.take(centre.add_patient(1))
    assert [] == centre.effects()


def test_tomorrows_number_is_told_today(centre: TellingWorld) -> None:
    centre.take(centre.add_patient(1), day=TUESDAY)
    centre.tell()
    assert [date(2026, 11, 24).isoformat()] == [each["tanggalperiksa"] for each in centre.standin.of("add")]
    with centre.services.database.reading() as db:
        assert "waiting" == db.query(QueueEntry).one().state
