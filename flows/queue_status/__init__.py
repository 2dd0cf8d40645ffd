"""How far the queue is."""
