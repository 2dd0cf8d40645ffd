"""What is said about an age agrees with the immunisation programme that reminders follow."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from flows.vaccination_info.flow import AT_AGE

PROGRAMME = Path(__file__).resolve().parents[2] / "scheduler" / "programmes" / "imunisasi_bayi" / "programme.yml"
FIRST_MONTHS = 18


def test_the_ages_are_those_of_the_programme_that_several_sources_agree_on() -> None:
    rules = yaml.safe_load(PROGRAMME.read_text(encoding="utf-8"))["rules"]
    agreed = [rule["due_age"] for rule in rules if rule.get("invite", True) and rule["confidence"] == "several"]
    months = {int(found.group(1)) for due in agreed if (found := re.fullmatch(r"P(\d+)M", due))}

    assert {month for month in months if month <= FIRST_MONTHS} == set(AT_AGE)
