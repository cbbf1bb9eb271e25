"""The acceptance of a machine: what `python -m trainer check` measures, compares with a bar, and reports."""
