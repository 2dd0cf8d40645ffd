"""Chaos: processes are killed again and again while the provider fails; afterwards everything is counted."""
