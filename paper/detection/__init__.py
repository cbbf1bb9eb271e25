"""The paper's detection experiments: Tables 7, 8 and 9 as runs and tests, with verdicts and claims."""
