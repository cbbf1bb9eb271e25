"""Weights that come from outside, and those that detectors start from."""
