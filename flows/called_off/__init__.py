"""A poli that closes for once: its numbers move to another day."""
