"""What is not ours, said kindly."""
