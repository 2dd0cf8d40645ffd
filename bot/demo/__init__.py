"""The demo centre: invented families, numbers, cases and due reminders, loaded once into an empty database."""
