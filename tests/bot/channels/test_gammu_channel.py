"""The modem as a channel: one SMS into gammu's outbox, once and whole; what came in and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError

from bot.channels import Outgoing, SendFailed, SendUnknown, Unreadable
from bot.channels.gammu import GammuChannel
from bot.channels.refusals import is_known
from bot.channels.segments import count_segments
from bot.channels.senders import NotAPatient
from bot.channels.sms_parts import GSM_CODING, cut_text, units_of
from clinic.gammu import relative_validity
from clinic.gammu_modem import look_at_modem
from clinic.gammu_tables import GammuStore, open_gammu_store
from clinic.outbox_status import STATES
from tests.gammu.hands import BINARY, GSM, PATIENT, UNICODE, Smsd

MESSAGE = Outgoing(outbox_id=259, channel="sms", address=PATIENT, text="Antrian Gigi: B12.", key="inbound:7:1#0")
SINCE = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def smsd(gammu_store: GammuStore) -> Smsd:
    smsd = Smsd(gammu_store)
    smsd.beats()
    return smsd


@pytest.fixture
def channel(gammu_store: GammuStore) -> GammuChannel:
    return GammuChannel(gammu_store)


def test_one_sms_is_one_row_with_a_delivery_report(channel: GammuChannel, smsd: Smsd) -> None:
    accepted = channel.send(MESSAGE)

    (row,) = smsd.outbox()
    assert accepted.provider_id == "gammu:inbound:7:1#0"
    assert accepted.status == "queued"
    assert (row["DestinationNumber"], row["TextDecoded"], row["Coding"]) == (PATIENT, "Antrian Gigi: B12.", GSM)
    assert (row["MultiPart"], row["UDH"], row["DeliveryReport"]) == (False, "", "yes")
    assert row["CreatorID"] == "inbound:7:1#0"


def test_a_long_text_is_put_in_as_parts_that_name_their_order(channel: GammuChannel, smsd: Smsd) -> None:
    channel.send(replace(MESSAGE, text="a" * 152 + "{" + "b" * 200))

    (first,) = smsd.outbox()
    second, third = smsd.further_parts()
    assert (first["MultiPart"], first["UDH"]) == (True, "050003030301"), "the reference is the message's own number"
    assert first["TextDecoded"] == "a" * 152, "the bracket costs two and does not fit any more"
    assert (second["UDH"], second["TextDecoded"]) == ("050003030302", "{" + "b" * 151)
    assert (third["UDH"], third["TextDecoded"]) == ("050003030303", "b" * 49)
    assert {first["ID"]} == {second["ID"], third["ID"]}


def test_an_emoji_is_never_cut_in_two(channel: GammuChannel, smsd: Smsd) -> None:
    channel.send(replace(MESSAGE, text="x" * 66 + "🙏" + "y" * 10))

    (first,), (second,) = smsd.outbox(), smsd.further_parts()
    assert (first["Coding"], second["Coding"]) == (UNICODE, UNICODE)
    assert (first["TextDecoded"], second["TextDecoded"]) == ("x" * 66, "🙏" + "y" * 10)


@given(st.text(alphabet=st.sampled_from("ab{€é🙏’\n "), max_size=700))
@example("{" * 80)
@example("🙏" * 35)
def test_parts_are_as_many_as_they_cost_none_is_too_long_and_together_they_are_the_text(words: str) -> None:
    cut = cut_text(words)

    assert "".join(cut.parts) == words
    assert len(cut.parts) == max(count_segments(words).segments, 1)
    if len(cut.parts) > 1:
        limit = 153 if cut.coding == GSM_CODING else 67
        assert all(0 < units_of(part, cut.coding) <= limit for part in cut.parts)


def test_the_same_message_again_is_accepted_and_puts_in_nothing(channel: GammuChannel, smsd: Smsd) -> None:
    first = channel.send(MESSAGE)
    again = channel.send(MESSAGE)

    assert again == first
    assert len(smsd.outbox()) == 1


def test_the_same_message_is_known_after_gammu_has_moved_it(channel: GammuChannel, smsd: Smsd) -> None:
    first = channel.send(MESSAGE)
    smsd.sends("SendingOK")

    again = channel.send(MESSAGE)
    assert (again.provider_id, again.status) == (first.provider_id, "sent")
    assert smsd.outbox() == []


def test_the_next_try_of_a_message_is_another_sms(channel: GammuChannel, smsd: Smsd) -> None:
    channel.send(MESSAGE)
    channel.send(replace(MESSAGE, key="inbound:7:1#1"))

    assert len(smsd.outbox()) == 2


def test_a_very_long_key_stays_unique_and_fits_our_own_column(channel: GammuChannel, smsd: Smsd) -> None:
    keys = [f"reminder:{'x' * 150}:{number}#0" for number in (1, 2)]
    ids = [channel.send(replace(MESSAGE, key=key)).provider_id for key in keys]

    assert len(set(ids)) == 2
    assert all(len(each) <= 120 for each in ids)
    assert channel.find_sent(replace(MESSAGE, key=keys[1]), since=SINCE).provider_id == ids[1]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("change", "code", "action"),
    [
        pytest.param({"address": "TELKOMSEL"}, "bad_address", "stop", id="no number"),
        pytest.param({"address": "0812000041"}, "bad_address", "stop", id="not E.164"),
        pytest.param({"text": " \n"}, "empty", "tell_staff", id="empty"),
        pytest.param({"text": "a" * 1531}, "too_long", "tell_staff", id="eleven parts"),
        pytest.param({"text": "🙏" * 336}, "too_long", "tell_staff", id="eleven parts of emoji"),
    ],
)
def test_what_cannot_be_an_sms_is_refused(
    channel: GammuChannel, smsd: Smsd, change: dict[str, Any], code: str, action: str
) -> None:
    with pytest.raises(SendFailed) as failure:
        channel.send(replace(MESSAGE, **change))

    assert (failure.value.code, failure.value.action) == (code, action)
    assert smsd.outbox() == []


@pytest.mark.parametrize("words", ["a" * 1530, "🙏" * 330])
def test_ten_parts_are_taken(channel: GammuChannel, smsd: Smsd, words: str) -> None:
    channel.send(replace(MESSAGE, text=words))

    assert len(smsd.further_parts()) == 9


@pytest.mark.parametrize("ago", [timedelta(minutes=4), None], ids=["silent for minutes", "never heard"])
def test_a_modem_without_a_sign_of_life_is_given_nothing(gammu_store: GammuStore, ago: timedelta | None) -> None:
    smsd = Smsd(gammu_store)
    if ago is not None:
        smsd.beats(ago=ago)

    with pytest.raises(SendFailed) as failure:
        GammuChannel(gammu_store).send(MESSAGE)
    assert (failure.value.code, failure.value.action) == ("modem_dead", "retry")
    assert smsd.outbox() == []


def test_a_database_that_is_away_is_tried_again(tmp_path: Path) -> None:
    channel = GammuChannel(open_gammu_store(f"sqlite:///{tmp_path}/none.db"))

    with pytest.raises(SendFailed) as failure:
        channel.send(MESSAGE)
    assert (failure.value.code, failure.value.action) == ("gammu_database", "retry")
    assert not (tmp_path / "none.db").exists(), "no empty database is left behind"
    with pytest.raises(SendUnknown):
        channel.find_sent(MESSAGE, since=SINCE)


def test_a_commit_that_breaks_off_is_unknown_and_found_afterwards(channel: GammuChannel, smsd: Smsd) -> None:
    breaks = [True]

    @event.listens_for(channel.store.engine, "commit")
    def break_off(connection: Connection) -> None:
        if breaks:
            connection.invalidate()
            raise OperationalError("COMMIT", {}, Exception("the line broke"))

    with pytest.raises(SendUnknown):
        channel.send(MESSAGE)
    breaks.clear()
    assert channel.find_sent(MESSAGE, since=SINCE) is None, "it did not get through, surely"
    channel.send(MESSAGE)
    assert channel.find_sent(MESSAGE, since=SINCE) is not None


def test_what_becomes_useless_today_is_not_begun_later_and_not_kept_longer_by_the_network(
    channel: GammuChannel, smsd: Smsd
) -> None:
    now = datetime.now(UTC)
    end = min(now + timedelta(hours=3), now.replace(hour=23, minute=59, second=59, microsecond=0))
    channel.send(replace(MESSAGE, useless_after=end))

    (row,) = smsd.outbox()
    assert f"{now:%H:%M:%S}" <= str(row["SendAfter"]) <= str(row["SendBefore"]) == f"{end:%H:%M:%S}"
    assert 0 <= row["RelativeValidity"] <= 35


def test_what_is_useful_over_midnight_has_no_time_of_day(channel: GammuChannel, smsd: Smsd) -> None:
    channel.send(replace(MESSAGE, useless_after=datetime.now(UTC) + timedelta(hours=25)))

    (row,) = smsd.outbox()
    assert (str(row["SendAfter"]), str(row["SendBefore"])) == ("00:00:00", "23:59:59")
    assert row["RelativeValidity"] == 167, "24 hours: 25 are rounded down"


@pytest.fixture
def in_samarinda(gammu_store: GammuStore) -> Iterator[GammuStore]:
    """The same database, and a daemon whose clock is eight hours ahead of UTC."""
    if gammu_store.engine.dialect.name == "sqlite":
        Smsd(gammu_store).beats(zone=timedelta(hours=8))
        yield gammu_store
        return
    url = gammu_store.engine.url
    with gammu_store.writing() as db:
        db.execute(text(f"ALTER DATABASE \"{url.database}\" SET timezone TO 'Asia/Makassar'"))
    store = open_gammu_store(url.render_as_string(hide_password=False))
    Smsd(store).beats()
    yield store
    store.close()
    with gammu_store.writing() as db:
        db.execute(text(f'ALTER DATABASE "{url.database}" RESET timezone'))


def test_a_daemon_in_another_zone_gets_no_times_of_day(in_samarinda: GammuStore) -> None:
    GammuChannel(in_samarinda).send(replace(MESSAGE, useless_after=datetime.now(UTC) + timedelta(seconds=5)))

    (row,) = Smsd(in_samarinda).outbox()
    assert (str(row["SendAfter"]), str(row["SendBefore"])) == ("00:00:00", "23:59:59")


def test_a_daemon_in_another_zone_is_alive_and_said_to_be_off(in_samarinda: GammuStore) -> None:
    look = look_at_modem(in_samarinda)

    assert (look.is_alive, look.trouble) == (True, None)
    assert look.clock_off == timedelta(hours=8)


@pytest.mark.parametrize(
    ("left", "octet"),
    [
        pytest.param(timedelta(0), 0, id="over"),
        pytest.param(timedelta(minutes=5), 0, id="5 minutes"),
        pytest.param(timedelta(minutes=14), 1, id="14 minutes are 10"),
        pytest.param(timedelta(hours=12), 143, id="12 hours"),
        pytest.param(timedelta(hours=12, minutes=45), 144, id="12.5 hours"),
        pytest.param(timedelta(hours=24), 167, id="a day"),
        pytest.param(timedelta(hours=47), 167, id="47 hours are a day"),
        pytest.param(timedelta(days=2), 168, id="2 days"),
        pytest.param(timedelta(days=30), 196, id="30 days"),
        pytest.param(timedelta(days=35), 197, id="5 weeks"),
        pytest.param(timedelta(days=4000), 255, id="as long as it can"),
    ],
)
def test_the_validity_is_written_as_the_network_reads_it(left: timedelta, octet: int) -> None:
    assert relative_validity(left) == octet


@pytest.mark.parametrize(
    ("row", "status", "code"),
    [
        pytest.param({"Status": "SendingOK"}, "sent", None, id="sent"),
        pytest.param({"Status": "SendingOKNoReport"}, "sent", None, id="sent without report"),
        pytest.param({"Status": "DeliveryPending"}, "sent", None, id="on its way"),
        pytest.param({"Status": "DeliveryUnknown"}, "sent", None, id="lost track"),
        pytest.param({"Status": "DeliveryOK", "StatusError": 0}, "delivered", None, id="arrived"),
        pytest.param({"Status": "DeliveryFailed", "StatusError": 0x46}, "undelivered", "sms_expired", id="expired"),
        pytest.param({"Status": "DeliveryFailed", "StatusError": 0x43}, "undelivered", "sms_no_number", id="no phone"),
        pytest.param({"Status": "DeliveryFailed"}, "undelivered", "sms_not_delivered", id="not delivered"),
        pytest.param({"Status": "SendingError", "StatusCode": 331}, "failed", "sms_network", id="no network"),
        pytest.param({"Status": "SendingError", "StatusCode": 310}, "failed", "sim_locked", id="no SIM"),
        pytest.param({"Status": "SendingError", "StatusCode": 1}, "failed", "sms_no_number", id="no such number"),
        pytest.param({"Status": "SendingError", "StatusCode": -1}, "failed", "sms_refused", id="refused"),
        pytest.param({"Status": "Error"}, "failed", "sms_refused", id="error"),
        pytest.param({"Status": "Reserved"}, "Reserved", None, id="a word we do not know"),
    ],
)
def test_gammus_words_become_ours(row: dict[str, Any], status: str, code: str | None, tmp_path: Path) -> None:
    channel = GammuChannel(open_gammu_store(f"sqlite:///{tmp_path}/none.db"))
    update = channel.status({"CreatorID": "k#0", **row})

    assert (update.provider_id, update.status, update.error_code) == ("gammu:k#0", status, code)
    assert status in STATES or status == "Reserved"
    assert code is None or is_known(code)


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        pytest.param(("DeliveryOK", "DeliveryOK", "DeliveryOK"), "delivered", id="all arrived"),
        pytest.param(("DeliveryOK", "SendingOK", "DeliveryOK"), "sent", id="one has not arrived yet"),
        pytest.param(("DeliveryOK", "DeliveryFailed", "SendingOK"), "undelivered", id="one is lost"),
        pytest.param(("DeliveryOK", "DeliveryFailed", "SendingError"), "failed", id="one was never sent"),
    ],
)
def test_a_long_sms_is_where_its_worst_part_is(
    channel: GammuChannel, smsd: Smsd, statuses: tuple[str, ...], status: str
) -> None:
    message = replace(MESSAGE, text="c" * 400)
    channel.send(message)
    smsd.sends(*statuses)

    found = channel.find_sent(message, since=SINCE)
    assert found is not None
    assert found.status == status


def test_what_was_never_put_in_is_surely_not_found(channel: GammuChannel, smsd: Smsd) -> None:
    channel.send(MESSAGE)

    assert channel.find_sent(replace(MESSAGE, key="inbound:8:1#0"), since=SINCE) is None


ROW = {
    "SenderNumber": "0812000041",
    "TextDecoded": "mau daftar",
    "Text": "006D",
    "UDH": "",
    "Coding": GSM,
    "ReceivingDateTime": datetime(2026, 11, 23, 8, 0, 5),
    "RecipientID": "puskesmas1",
}


@pytest.fixture
def reader(tmp_path: Path) -> GammuChannel:
    """Reading a row needs no database."""
    return GammuChannel(open_gammu_store(f"sqlite:///{tmp_path}/none.db"))


def test_a_row_becomes_a_message_from_a_number_as_we_keep_it(reader: GammuChannel) -> None:
    said = reader.receive(ROW)

    assert (said.channel, said.route, said.address, said.text) == ("sms", "gammu", "+62812000041", "mau daftar")
    assert said.provider_id.startswith("gammu:puskesmas1:20261123T080005:")
    assert len(said.provider_id) <= 120


def test_the_same_sms_in_a_new_row_is_the_same_message_and_anything_else_is_another(reader: GammuChannel) -> None:
    first = reader.receive({**ROW, "ID": 1}).provider_id

    assert reader.receive({**ROW, "ID": 99}).provider_id == first
    changes: list[dict[str, Any]] = [
        {"TextDecoded": "mau batal", "Text": "0070"},
        {"SenderNumber": "0812000042"},
        {"ReceivingDateTime": datetime(2026, 11, 23, 8, 0, 6)},
        {"UDH": "050003A50201"},
        {"RecipientID": "puskesmas2"},
    ]
    others = {reader.receive({**ROW, **change}).provider_id for change in changes}
    assert len(others | {first}) == 6


@pytest.mark.parametrize("sender", ["TELKOMSEL", "3636", "818", "IM3"])
def test_an_operator_is_no_patient(reader: GammuChannel, sender: str) -> None:
    with pytest.raises(NotAPatient):
        reader.receive({**ROW, "SenderNumber": sender})


def test_a_row_without_sender_cannot_be_read(reader: GammuChannel) -> None:
    with pytest.raises(Unreadable):
        reader.receive({**ROW, "SenderNumber": ""})


def test_a_binary_sms_is_something_we_cannot_read_not_an_empty_text(reader: GammuChannel) -> None:
    said = reader.receive({**ROW, "Coding": BINARY, "TextDecoded": "", "Text": "0A0B"})

    assert said.text == ""
    assert len(said.media) == 1
