"""Texts that any flow may need."""
