"""What became of a complaint."""
