"""Which doctor is in, and when."""
