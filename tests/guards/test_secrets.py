"""No key, token or password of the real world is committed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from detect_secrets import SecretsCollection
from detect_secrets.settings import transient_settings

ROOT = Path(__file__).resolve().parents[2]
# Hashes of packages and vendored scripts look random; the inbox's words say "password" and hold none.
LEFT_OUT = (
    "requirements/",
    "package-lock.json",
    "bot/static/vendor/",
    "docs/images/",
    "bot/templates/inbox/_words.html",
)
PLUGINS = [
    {"name": name}
    for name in (
        "AWSKeyDetector",
        "AzureStorageKeyDetector",
        "BasicAuthDetector",
        "GitHubTokenDetector",
        "JwtTokenDetector",
        "OpenAIDetector",
        "PrivateKeyDetector",
        "SlackDetector",
        "StripeDetector",
        "TwilioKeyDetector",
        "KeywordDetector",
    )
] + [{"name": "Base64HighEntropyString", "limit": 4.5}, {"name": "HexHighEntropyString", "limit": 3.0}]


def found_in(paths: list[str]) -> list[str]:
    """Every line that looks like a secret, except those marked with an allowlist comment."""
    with transient_settings({"plugins_used": PLUGINS}):
        secrets = SecretsCollection(root=str(ROOT))
        secrets.scan_files(*paths)
        return [
            f"{name}:{secret.line_number} {secret.type}"
            for name, secret in secrets
            if not _is_plainly_invented(secret.secret_value or "")
        ]


def _is_plainly_invented(value: str) -> bool:
    """An account id of nothing but zeros, as our recorded payloads have it."""
    return value.startswith("AC") and set(value[2:]) == {"0"}


def test_no_committed_file_holds_a_secret() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [name for name in listed.stdout.splitlines() if not name.startswith(LEFT_OUT)]
    assert found_in(paths) == [], "mark what is no secret with a `pragma: allowlist secret` comment on its line"


def test_a_key_in_a_file_is_found(tmp_path: Path) -> None:
    file = tmp_path / "settings.py"
    file.write_text('token = "' + "SK" + "0123456789abcdef" * 2 + '"\n')
    secret = found_in([str(file)])
    if not secret:
        pytest.fail("the scan does not see a Twilio key")
