"""What is deleted of old runs: the rules, what they would delete, and the deletion."""
