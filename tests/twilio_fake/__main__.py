"""Run the fake as a process of its own: python -m tests.twilio_fake --port 4030 --journal var/fake.db --seed 7."""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.twilio_fake.account import Account
from tests.twilio_fake.journal import Journal
from tests.twilio_fake.plan import Plan, outages_of
from tests.twilio_fake.server import FakeServer

ACCOUNT_SID = "AC" + "0" * 32
TOKEN = "only-for-tests"


def main() -> None:
    """Serve until killed."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--port", type=int, required=True)
    reader.add_argument("--journal", type=Path, required=True)
    reader.add_argument("--seed", type=int, default=0)
    reader.add_argument("--seconds", type=float, default=0.0, help="how long the trouble lasts; plans the outages")
    reader.add_argument("--share", type=float, default=1.0, help="0 = no faults, 1 = as the table says")
    reader.add_argument("--account-sid", default=ACCOUNT_SID)
    reader.add_argument("--token", default=TOKEN)
    given = reader.parse_args()
    outages = outages_of(given.seed, seconds=given.seconds) if given.seconds else ()
    account = Account(
        Journal(given.journal).open(),
        Plan(given.seed, outages=outages, share=given.share),
        account_sid=given.account_sid,
        token=given.token,
    )
    account.poster.start()
    with FakeServer(account, given.port) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
