"""Whoever staff merged is found by the numbers of either record."""

from __future__ import annotations

from sqlalchemy import update

from clinic.people import Person
from clinic.queue import QueueEntry
from tests.jkn_client import card, nik, wish
from tests.jkn_world import TUESDAY, JknWorld

DAY = TUESDAY.isoformat()


def test_the_old_card_of_a_merged_record_leads_to_the_one_that_stays(centre: JknWorld) -> None:
    old = centre.add_patient(5, has_nik=False)
    stays = centre.add_patient(6, has_card=False)
    with centre.services.database.transaction() as db:
        db.execute(update(Person).where(Person.id == old).values(merged_into_id=stays))
    assert 200 == centre.jkn.take(wish(5, DAY, nik=nik(6))).code
    assert "A1" == centre.jkn.left(card(5), "001", DAY).response["nomorantrean"]
    with centre.services.database.reading() as db:
        assert stays == db.query(QueueEntry).one().person_id
