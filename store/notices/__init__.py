"""What the service tells people: the channels, what happened, and the outbox of what is still to be sent."""
