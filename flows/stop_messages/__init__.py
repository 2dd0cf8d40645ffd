"""No more messages."""
