"""Exports of a run's raw points in formats that other programs read."""
