"""Senders: whether an SMS came from somebody's phone, and that phone's number written the one way we keep it."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from bot.channels import Unreadable

REGION = "ID"
"""Where a number without a country code belongs."""
WRITTEN = re.compile(r"\+?[0-9][0-9 ().-]{4,30}")
"""Digits and what people put between them. Letters are a sender name: TELKOMSEL, BPJS-KES, 0812GRAB."""
INDONESIAN_MOBILE = re.compile(r"8[1-9][0-9]{7,10}")
"""Every 08 number: operators get new ones sooner than the numbering tables do."""
NOT_A_PERSON = (
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.UAN,
    PhoneNumberType.PAGER,
    PhoneNumberType.VOICEMAIL,
)


class NotAPatient(Unreadable):
    """The SMS came from a sender that no answer can reach; nothing of it is kept."""


def patient_address(sender: str) -> str | None:
    """The sender's number as E.164; None where no person can be answered: a sender name, a short or service number."""
    sender = sender.strip()
    if not WRITTEN.fullmatch(sender):
        return None
    try:
        number = phonenumbers.parse(_with_plus(sender), REGION)
    except NumberParseException:
        return None
    national = str(number.national_number)
    if number.country_code == 62 and INDONESIAN_MOBILE.fullmatch(national):
        return f"+62{national}"
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) in NOT_A_PERSON:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _with_plus(sender: str) -> str:
    """62812... and 00628... mean the same as +62812...; the library would read the first one as a local number."""
    digits = re.sub(r"[^0-9]", "", sender)
    if sender.startswith("+"):
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return f"+{digits}" if digits.startswith("62") and len(digits) >= 10 else digits
