"""A greeting, with the menu."""
