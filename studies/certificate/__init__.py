"""A study as a signed file that anyone can check: its runs, their raw curves, and the judgement."""
