"""Media fetch: looks at the files that a message names, as Twilio does before it passes them on."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

TIMEOUT_SECONDS = 5.0
TAKEN = ("image/jpeg", "image/png", "application/pdf", "audio/ogg", "audio/mpeg")


def fetch_kinds(addresses: Sequence[str]) -> tuple[str, ...] | None:
    """The content type of each, which HEAD and GET have to agree on; None when one cannot be had."""
    kinds: list[str] = []
    try:
        with httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False) as http:
            for address in addresses:
                head, whole = http.head(address), http.get(address)
                kind = whole.headers.get("Content-Type", "").partition(";")[0]
                is_had = head.status_code == whole.status_code == httpx.codes.OK and whole.content
                if not is_had or head.headers.get("Content-Type") != whole.headers.get("Content-Type"):
                    return None
                if kind not in TAKEN:
                    return None
                kinds.append(kind)
    except (httpx.HTTPError, httpx.InvalidURL):
        return None
    return tuple(kinds)
