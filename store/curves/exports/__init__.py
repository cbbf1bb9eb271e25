"""A run's raw points in the forms that other programs read."""
