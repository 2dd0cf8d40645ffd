"""What holders of a number are told without asking."""
