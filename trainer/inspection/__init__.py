"""Reads what strangers uploaded, in a process and a box of its own."""
