"""Changing what BPJS knows about a member."""
