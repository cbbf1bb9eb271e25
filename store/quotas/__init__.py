"""Fair use: what people and projects may use, what they use, and what is said when a limit is reached."""
