"""What to bring to register."""
