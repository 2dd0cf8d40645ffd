"""What is asked behind a number: of a newcomer, and once how far they live."""
