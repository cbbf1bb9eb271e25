"""What is deleted of old runs, and which are archived: the rules, what they would do, and the doing."""
