"""Settings: what the environment says, read once at the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from nlu.model_scores import HELD_OUT
from nlu.server import MODELS

SHORTEST_SECRET = 16
SHORTEST_PASSWORD = 16
DEMO_ACCOUNT = "AC" + "0" * 32
DEMO_TOKEN = "demo-only-not-a-token"  # noqa: S105 - signs between our own simulator and our own webhook


class SettingsError(Exception):
    """The environment lacks something or holds something that cannot be; the text says what to set."""


@dataclass(frozen=True)
class Settings:
    """Every environment variable we read, with its default; docs/admin.md explains each."""

    config_path: Path
    database_url: str
    backup_folder: Path
    """Where the nightly copies of a SQLite database go."""
    public_url: str
    host: str
    """Which addresses the web process listens on: 127.0.0.1, or 0.0.0.0 for the whole LAN."""
    port: int
    is_demo: bool
    nlu_url: str
    twilio_account_sid: str
    whatsapp_from: str
    sms_from: str
    secret_key: str = field(repr=False)
    nlu_token: str = field(repr=False)
    twilio_auth_token: str = field(repr=False)
    twilio_api_url: str | None = None
    """Another base address for Twilio's REST API: the simulator, a mock; None is Twilio itself."""
    gammu_database_url: str | None = field(default=None, repr=False)
    """Where gammu-smsd keeps its tables; None: no modem."""
    android_url: str | None = None
    """The Android SMS gateway's API: the phone itself or its server; None: no phone."""
    android_username: str = ""
    android_password: str = field(default="", repr=False)
    android_webhook_key: str = field(default="", repr=False)
    """What the gateway signs its webhooks with."""
    jkn_username: str = ""
    """What BPJS logs in with when Mobile JKN takes numbers here."""
    jkn_password: str = field(default="", repr=False)
    bpjs_antrean_url: str | None = None
    """Where BPJS is told of numbers: its antreanfktp service; None: it is not."""
    bpjs_cons_id: str = ""
    bpjs_secret: str = field(default="", repr=False)
    bpjs_antrean_user_key: str = field(default="", repr=False)
    metrics_token: str = field(default="", repr=False)
    """Who shows it may read /metrics from another machine; without one only this machine may."""
    metrics_folder: Path = Path("var/metrics")
    """Where the processes keep their counters, so that /metrics shows those of all of them."""
    voice_folder: Path = Path("var/voice")
    """Where the board's spoken clips are kept."""
    log_format: str = "text"
    """text or json."""
    models_folder: Path = MODELS
    held_out_path: Path = HELD_OUT
    """The sentences that a new model has to read no worse than the old one: a file or a folder."""

    @property
    def has_twilio(self) -> bool:
        return bool(self.twilio_account_sid and self.twilio_auth_token)

    @property
    def has_jkn(self) -> bool:
        return bool(self.jkn_username and self.jkn_password)

    @property
    def has_bpjs(self) -> bool:
        keys = (self.bpjs_antrean_url, self.bpjs_cons_id, self.bpjs_secret, self.bpjs_antrean_user_key)
        return all(keys)

    @classmethod
    def from_environment(cls, env: Mapping[str, str], *, needs_secret: bool = True) -> Settings:
        """Read the environment; in demo mode what is missing gets a value that only works on this machine.

        `needs_secret` is False for what looks at no patient, such as reading a sentence. Raises SettingsError.
        """
        is_demo = env.get("SAPA_DEMO", "") not in ("", "0", "no", "false")
        port = _port(env.get("SAPA_PORT", "8000"))
        own_twilio = "TWILIO_ACCOUNT_SID" in env
        simulated = is_demo and not own_twilio
        return cls(
            config_path=Path(env.get("SAPA_CONFIG", "puskesmas.yml")),
            database_url=env.get("SAPA_DATABASE_URL", "sqlite:///var/sapa.db"),
            backup_folder=Path(env.get("SAPA_BACKUP_FOLDER", "var/backups")),
            public_url=env.get("SAPA_PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/"),
            host=env.get("SAPA_HOST", "127.0.0.1"),
            port=port,
            is_demo=is_demo,
            nlu_url=env.get("SAPA_NLU_URL", "http://127.0.0.1:5005").rstrip("/"),
            twilio_account_sid=env.get("TWILIO_ACCOUNT_SID", DEMO_ACCOUNT if simulated else ""),
            whatsapp_from=env.get("SAPA_TWILIO_WHATSAPP_FROM", "+62811000001" if is_demo else ""),
            sms_from=env.get("SAPA_TWILIO_SMS_FROM", "+62811000002" if is_demo else ""),
            secret_key=_secret(env, is_needed=needs_secret),
            nlu_token=env.get("SAPA_NLU_TOKEN", "demo-parser" if is_demo else ""),
            twilio_auth_token=env.get("TWILIO_AUTH_TOKEN", DEMO_TOKEN if simulated else ""),
            twilio_api_url=env.get("SAPA_TWILIO_API_URL")
            or (f"http://127.0.0.1:{port}/simulator/twilio" if simulated else None),
            gammu_database_url=env.get("SAPA_GAMMU_DATABASE_URL") or None,
            android_url=_address("SAPA_ANDROID_URL", (env.get("SAPA_ANDROID_URL") or "").rstrip("/")),
            android_username=env.get("SAPA_ANDROID_USERNAME", ""),
            android_password=env.get("SAPA_ANDROID_PASSWORD", ""),
            android_webhook_key=env.get("SAPA_ANDROID_WEBHOOK_KEY", ""),
            **_bpjs(env),
            metrics_token=env.get("SAPA_METRICS_TOKEN", ""),
            metrics_folder=Path(env.get("SAPA_METRICS_FOLDER", "var/metrics")),
            voice_folder=Path(env.get("SAPA_VOICE_FOLDER", "var/voice")),
            log_format=_log_format(env.get("SAPA_LOG", "text")),
            models_folder=Path(env.get("SAPA_MODELS", MODELS)),
            held_out_path=Path(env.get("SAPA_HELD_OUT", HELD_OUT)),
        )


def _bpjs(env: Mapping[str, str]) -> dict[str, Any]:
    """Both directions of the exchange with BPJS; what is not set is switched off."""
    password = env.get("SAPA_JKN_PASSWORD", "")
    if password and len(password) < SHORTEST_PASSWORD:
        raise SettingsError(f"SAPA_JKN_PASSWORD must have at least {SHORTEST_PASSWORD} characters")
    keys = {
        "bpjs_cons_id": env.get("SAPA_BPJS_CONS_ID", "").strip(),
        "bpjs_secret": env.get("SAPA_BPJS_SECRET", "").strip(),
        "bpjs_antrean_user_key": env.get("SAPA_BPJS_ANTREAN_USER_KEY", "").strip(),
    }
    for name, value in keys.items():
        if not (value.isascii() and value.isprintable()):
            raise SettingsError(f"SAPA_{name.upper()} holds a letter that no key has: copy it anew")
    url = env.get("SAPA_BPJS_ANTREAN_URL", "").strip().rstrip("/")
    return {
        "jkn_username": env.get("SAPA_JKN_USERNAME", ""),
        "jkn_password": password,
        "bpjs_antrean_url": _address("SAPA_BPJS_ANTREAN_URL", url),
        **keys,
    }


def _log_format(value: str) -> str:
    if value not in ("text", "json"):
        raise SettingsError(f"SAPA_LOG must be text or json, not {value!r}")
    return value


def _address(name: str, value: str) -> str | None:
    """An http address, or None for nothing."""
    try:
        parts = urlsplit(value)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if value and not is_address:
        raise SettingsError(f"{name} must be an address such as http://192.168.1.20:8080")
    return value or None


def _port(value: str) -> int:
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise SettingsError(f"SAPA_PORT must be a port number from 1 to 65535, not {value!r}")
    return int(value)


def _secret(env: Mapping[str, str], *, is_needed: bool) -> str:
    secret = env.get("SAPA_SECRET_KEY", "")
    if secret and len(secret) < SHORTEST_SECRET:
        raise SettingsError(f"SAPA_SECRET_KEY must have at least {SHORTEST_SECRET} characters")
    if not secret and is_needed:
        raise SettingsError("SAPA_SECRET_KEY must be set (at least 16 characters, kept secret, never changed)")
    return secret
