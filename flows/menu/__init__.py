"""The menu and how to find one's way."""
