"""Messages again after a stop."""
