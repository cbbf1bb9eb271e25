"""Owns your own data sets on disk. Loads no torch."""


class BadDataSet(Exception):
    """One sentence that names the file or folder and says what is wrong with it."""
