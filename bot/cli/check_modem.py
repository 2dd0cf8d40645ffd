"""What `sapa check` says about the modem: gammu's database, its version, and the sign of life of the phone."""

from __future__ import annotations

from collections.abc import Iterator

from bot.channels.gammu import open_gammu
from bot.cli.findings import Finding
from bot.services import Services
from clinic.gammu_modem import ModemLook, can_write, fits, gives_way
from clinic.gammu_modem import look_at_modem as look_at
from clinic.gammu_tables import SCHEMA, GammuStore, GammuUnreachable

MANY_WAITING = 20
GUIDE = "docs/without-internet.md"


def look_at_modem(services: Services) -> Iterator[Finding]:
    """Nothing where no modem is set up."""
    channel = open_gammu(services.settings)
    if channel is None:
        return
    try:
        yield from (Finding("gammu", level, words) for level, words in _said(channel.store))
    except GammuUnreachable as error:
        where = channel.store.engine.url.render_as_string(hide_password=True)
        yield Finding("gammu", "fault", f"its database cannot be used ({error}): {where}; see {GUIDE}")
    finally:
        channel.store.close()


def _said(store: GammuStore) -> Iterator[tuple[str, str]]:
    look = look_at(store)
    if not fits(look):
        yield "fault", f"its tables have version {look.schema}, we know {SCHEMA}; see {GUIDE}"
        return
    if not can_write(store):
        yield "fault", "its database can be read and not written: Sapa and gammu-smsd must share a user or group"
    yield _modem(look)
    if look.clock_off:
        hours = look.clock_off.total_seconds() / 3600
        yield "warning", f"gammu-smsd's clock is {hours:+g} h off UTC: start it with TZ=UTC ({GUIDE})"
    if not gives_way(store):
        yield "warning", f"its SQLite file is not in write-ahead mode: gammu-smsd waits for locks ({GUIDE})"
    if look.waiting > MANY_WAITING:
        yield "warning", f"{look.waiting} SMS wait for the modem: it is slower than routes.per_second.gammu says"


def _modem(look: ModemLook) -> tuple[str, str]:
    if look.phone is None or look.silent_for is None:
        return "fault", "gammu-smsd has never reached a modem: is it running? (journalctl -u gammu-smsd)"
    seconds = int(look.silent_for.total_seconds())
    if look.trouble == "modem_dead":
        return "fault", f"modem {look.phone}: no sign of life for {seconds} s (journalctl -u gammu-smsd)"
    if look.trouble is not None:
        return "fault", f"modem {look.phone}: the last SMS were all refused; has the SIM credit, is it still valid?"
    signal = f"signal {look.signal} %, " if look.signal is not None and look.signal >= 0 else ""
    return "ok", f"modem {look.phone}: {seconds} s ago, {signal}{look.waiting} SMS waiting"
