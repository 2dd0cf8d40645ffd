"""Moving a queue number to another day."""
