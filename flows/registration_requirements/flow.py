"""What to bring, as the health centre says it, and where to go for what is not done here."""

from __future__ import annotations

from flows.asked import subject_of
from flows.dialog import Flow, Say, Turn

SUBJECTS = {
    "referral": "rujukan rujuk dirujuk merujuk".split(),
    "bayi": "bayi newborn bayinya".split(),
    "pasien_lama": "lama kontrol".split(),
    "pasien_baru": "baru pertama berobat periksa pasien tanpa umum".split(),
    "membership": "bpjs jkn pbi peserta mandiri kis mjkn iuran tanggungan kelas aplikasi".split(),
}
USUAL = "pasien_baru"
TEXTS = {"membership": "registration_requirements.membership", "referral": "registration_requirements.referral"}

flow = Flow("registration_requirements", intents=("registration_requirements",), is_answer=True)


@flow.step
def answer(turn: Turn) -> Say:
    subject = subject_of(turn.text, SUBJECTS) or USUAL
    if subject in TEXTS:
        return Say(TEXTS[subject])
    requirements = turn.facility.requirements
    wanted = requirements.get(subject) or requirements.get(USUAL)
    if wanted is None:
        return Say("registration_requirements.usual")
    return Say("registration_requirements.bring", {"syarat": wanted})
