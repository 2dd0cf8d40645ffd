"""Text in, understanding out: it knows language, not patients."""
