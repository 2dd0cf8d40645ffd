"""What is asked behind a number holds nobody up: other wishes, commands and danger leave the number as it is."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from clinic.cases import Case
from clinic.contacts import Contact
from clinic.conversations import load_state
from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.people import Person
from clinic.queue_table import QueueEntry
from tests.transcripts.runner import Stage, prepare

BOOKING = "antri gigi besok pagi atas nama Mega Wati"
ASKED = "Kapan Mega lahir? Contoh: 12 Mei 90, atau umur 33."
NIK = "6472015402880001"


class Newcomer:
    """A phone nobody knows."""

    def __init__(self, database: Database, facility: Facility, keeper: IdentityKeeper, given: str = "none") -> None:
        self.database = database
        self.stage = Stage(database, facility, keeper, {"given": given})
        prepare(self.stage)

    def writes(self, *texts: str, reads: str | None = None, sure: float = 0.95) -> str:
        """What is said to the last of these messages."""
        said: str | None = None
        for text in texts:
            said = self.stage.say({"me": text, "reads": reads if text == texts[-1] else None, "sure": sure})
        return said or ""

    def numbers(self) -> list[str]:
        with self.database.transaction() as db:
            return list(db.scalars(select(QueueEntry.state).order_by(QueueEntry.id)))

    def person(self) -> Person:
        with self.database.transaction() as db:
            person = db.scalars(select(Person).order_by(Person.id.desc())).first()
            assert person is not None
            db.expunge(person)
            return person

    def cases(self) -> list[str]:
        with self.database.transaction() as db:
            return list(db.scalars(select(Case.kind)))

    def travel(self) -> int | None:
        with self.database.transaction() as db:
            return db.scalar(select(Contact.travel_minutes))


@pytest.fixture
def phone(database: Database, facility: Facility, keeper: IdentityKeeper) -> Newcomer:
    return Newcomer(database, facility, keeper)


def test_the_number_comes_first_and_the_birth_date_is_asked_in_the_same_reply(phone: Newcomer) -> None:
    said = phone.writes(BOOKING)
    assert ("Antrian Gigi: B1. Mega. Selasa 24 Nov, jam 8 pagi. Salah? Balas SALAH.", ASKED) == (
        said.splitlines()[0],
        said.splitlines()[-1],
    )


@pytest.mark.parametrize(
    ("text", "reads", "begins"),
    [
        pytest.param("makasih bu", None, "Sama-sama, Ibu/Bapak.", id="thanks"),
        pytest.param("0", None, "Mau apa? Balas angka:", id="the menu"),
        pytest.param("9", None, "Baik, petugas", id="a person"),
        pytest.param("STOP", None, "", id="stop"),
        pytest.param("obat saya tertukar tadi, tolong", "file_complaint", "", id="a complaint"),
        pytest.param("tolong batalin antrian saya", "cancel_queue", "Antrian Gigi B1 untuk Mega", id="cancel"),
        pytest.param("gak jadi", None, "Antrian Gigi B1 untuk Mega", id="not coming after all"),
        pytest.param("antrian saya brp lagi", None, "Antrian Mega di poli Gigi: B1.", id="where am I"),
        pytest.param("cek bpjs saya aktif apa ga", "membership_status", "Tulis 13 angka", id="membership"),
    ],
)
def test_another_wish_is_served_and_nothing_is_asked_on(
    phone: Newcomer, text: str, reads: str | None, begins: str
) -> None:
    phone.writes(BOOKING)
    said = phone.writes(text, reads=reads)
    assert (True, False, ["waiting"]) == (said.startswith(begins), "lahir?" in said, phone.numbers())


def test_a_question_in_between_is_answered_and_the_open_one_asked_once_more_only(phone: Newcomer) -> None:
    phone.writes(BOOKING)
    first = phone.writes("puskesmas buka jam berapa", reads="facility_info")
    second = phone.writes("besok buka jam berapa", reads="facility_info")
    assert (True, False) == ("kapan Mega lahir?" in first, "lahir?" in second)


def test_a_danger_is_heard_and_the_question_stays_open(phone: Newcomer) -> None:
    phone.writes(BOOKING)
    assert "119" in phone.writes("anak saya kejang tolong")
    assert phone.writes("17 agustus 93").startswith("Mega lahir 17 Agu 93")


def test_what_nobody_understands_is_let_go_without_calling_a_person(phone: Newcomer) -> None:
    said = phone.writes(BOOKING, "hmm", "gimana maksudnya")
    assert "Tidak apa-apa, nanti di loket saja. Antrian Mega tetap B1. Selasa 24 Nov, jam 8 pagi." == said
    assert ([], ["waiting"]) == (phone.cases(), phone.numbers())


def test_a_doubtful_wish_goes_before_the_question(phone: Newcomer) -> None:
    phone.writes(BOOKING)
    said = phone.writes("yang kemarin itu loh bu pindahin", reads="reschedule_queue", sure=0.5)
    assert said.startswith("Maksudnya: Ganti hari?")


def test_the_short_word_for_another_day_is_about_the_number(phone: Newcomer) -> None:
    phone.writes(BOOKING)
    said = phone.writes("klo kamis?", reads="reschedule_queue", sure=0.9)
    assert said.startswith("Maksudnya: Ganti hari?")


@pytest.mark.parametrize("text", ["tgl 26 nov aja bu", "kamis 3 desember bisa bu"])
def test_a_day_to_come_on_is_no_birth_date(phone: Newcomer, text: str) -> None:
    phone.writes(BOOKING)
    assert "tahun berapa" not in phone.writes(text)
    assert phone.person().birth_date is None


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(("salah",), id="at once"),
        pytest.param(("hah", "salah"), id="after an unclear answer"),
        pytest.param(("17 agustus 93", "salah", "salah"), id="after the birth date was taken back"),
    ],
)
def test_salah_takes_the_number_back_while_the_first_question_is_open(phone: Newcomer, texts: tuple[str, ...]) -> None:
    said = phone.writes(BOOKING, *texts)
    assert "Baik. Antrian B1 untuk Mega sudah batal. Mau daftar lagi? Balas DAFTAR." == said
    assert ["cancelled"] == phone.numbers()


def test_salah_takes_a_birth_date_back_from_the_record_too(phone: Newcomer) -> None:
    phone.writes(BOOKING, "17 agustus 93")
    assert phone.person().birth_date is not None
    assert phone.writes("salah").endswith(ASKED)
    assert (None, ["waiting"]) == (phone.person().birth_date, phone.numbers())


def test_salah_takes_a_card_back_from_the_record_too(phone: Newcomer) -> None:
    phone.writes(BOOKING, "17 agustus 93", "0001234567890")
    assert phone.person().card_hash is not None
    phone.writes("salah")
    assert (None, "1993-08-17") == (phone.person().card_hash, str(phone.person().birth_date))


def test_two_wrong_answers_are_enough(phone: Newcomer) -> None:
    said = phone.writes(BOOKING, "17 agustus 93", "64720117089300", "647201170893001")
    assert said.startswith("Tidak apa-apa, nanti di loket saja.")
    assert (None, []) == (phone.person().nik_hash, phone.cases())


@pytest.mark.parametrize(
    ("answer", "minutes"),
    [
        pytest.param("1", 10, id="digit"),
        pytest.param("deket aja bu, jalan kaki", 10, id="near"),
        pytest.param("ga jauh kok", 10, id="not far"),
        pytest.param("15 menit", 10, id="a quarter of an hour"),
        pytest.param("20 menitan naik motor", 30, id="about twenty minutes"),
        pytest.param("stngh jam", 30, id="half an hour"),
        pytest.param("1/2 jam", 30, id="half an hour in figures"),
        pytest.param("45 menit naik ojek", 60, id="three quarters"),
        pytest.param("sejam lebih", 60, id="an hour"),
        pytest.param("lebih dr setengah jam", 60, id="more"),
        pytest.param("jauh bu", 60, id="far"),
        pytest.param("nanti aja", None, id="not now"),
    ],
)
def test_how_far_they_live_is_read_in_any_words(phone: Newcomer, answer: str, minutes: int | None) -> None:
    said = phone.writes(BOOKING, "lupa", "tidak ada", answer)
    assert (minutes, True) == (phone.travel(), said.startswith("Terima kasih, data Mega sudah dicatat."))


def test_a_nik_is_never_kept_in_the_conversation_nor_said_back(phone: Newcomer) -> None:
    said = [phone.writes(BOOKING), phone.writes("umur 20"), phone.writes(NIK)]
    with phone.database.transaction() as db:
        assert NIK not in str(load_state(db, db.scalars(select(Contact.id)).one()))
    assert all(NIK[:6] not in each for each in said)
    assert said[-1].splitlines()[-1] == "1 Umur 20 tahun, 2 Lahir 14 Feb 88, 3 NIK salah"


def test_a_birth_date_where_the_card_is_asked_mends_the_one_before(phone: Newcomer) -> None:
    said = phone.writes(BOOKING, "17 agustus 93", "eh 18-8-1993 bu")
    assert (True, "1993-08-18") == (said.startswith("Mega lahir 18 Agu 93"), str(phone.person().birth_date))


@pytest.mark.parametrize("nik", ["6472 0154 0288 0001", "647201.540288.0001", "64720l54O288OOO1", "nik nya " + NIK])
def test_a_nik_is_read_however_it_is_written(phone: Newcomer, nik: str) -> None:
    phone.writes(BOOKING, nik)
    assert ("1988-02-14", True) == (str(phone.person().birth_date), phone.person().nik_hash is not None)


def test_a_nik_that_fits_the_age_gives_the_birth_date(phone: Newcomer) -> None:
    phone.writes(BOOKING, "38 th", NIK)
    person = phone.person()
    assert ("1988-02-14", True, "P") == (str(person.birth_date), person.is_birth_date_exact, person.sex)


def test_the_birth_date_that_was_said_may_be_right_against_the_nik(phone: Newcomer) -> None:
    phone.writes(BOOKING, "15 februari 88", NIK, "1")
    person = phone.person()
    assert ("1988-02-15", True) == (str(person.birth_date), person.nik_hash is not None)


def test_one_phone_holds_only_so_many_numbers(database: Database, facility: Facility, keeper: IdentityKeeper) -> None:
    few = facility.model_copy(update={"queue": facility.queue.model_copy(update={"numbers_per_phone": 2})})
    phone = Newcomer(database, few, keeper, given="family")
    phone.writes("antri gigi besok pagi buat budi", "antri umum besok pagi buat budi")
    said = phone.writes("antri umum besok pagi buat rohani")
    assert "HP ini sudah pegang paling banyak: 2 antrian. Masih perlu lagi? Balas 9 = petugas." == said
    assert phone.writes("antri umum besok pagi buat budi").startswith("Budi sudah punya antrian Umum: A1.")


def test_one_phone_speaks_for_only_so_many_people(
    database: Database, facility: Facility, keeper: IdentityKeeper
) -> None:
    few = facility.model_copy(update={"queue": facility.queue.model_copy(update={"people_per_phone": 3})})
    phone = Newcomer(database, few, keeper, given="family")
    assert "9 = petugas" in phone.writes("antri umum besok pagi atas nama Karim")
    assert "Rohani" == phone.person().name


@pytest.mark.parametrize(
    ("wish", "name", "born"),
    [
        pytest.param("antri umum besok pagi buat anak sy umur 3 th", "Rara", "2023-07-01", id="in the wish"),
        pytest.param("antri umum besok pagi buat anak sy", "Rara, 3 thn", "2023-07-01", id="behind the name"),
        pytest.param("antri umum besok pagi buat anak sy", "Rara 5-3-2020", "2020-03-05", id="a date behind the name"),
        pytest.param("anak sy sdh 3 hari ga makan, antri umum besok pagi", "Rara", "None", id="days of an illness"),
        pytest.param("hamil 7 bulan, antri umum besok pagi", "Rara", "None", id="months of a pregnancy"),
    ],
)
def test_an_age_that_was_told_besides_is_not_asked_for(phone: Newcomer, wish: str, name: str, born: str) -> None:
    phone.writes(wish, reads="book_queue")
    said = phone.writes(name)
    assert (born, born == "None") == (str(phone.person().birth_date), "lahir?" in said)


def test_people_who_queued_before_are_no_group(phone: Newcomer) -> None:
    said = phone.writes("kemarin antri 50 orang, sy mau daftar umum besok pagi", reads="book_queue")
    assert said.endswith("Siapa nama yang mau periksa?")


def test_a_group_is_told_at_once_that_it_is_too_many(phone: Newcomer) -> None:
    said = phone.writes("daftarkan 30 orang ke umum besok pagi", reads="book_queue")
    assert (True, []) == (said.startswith("Lewat sini paling banyak 10 antrian per HP."), phone.numbers())
