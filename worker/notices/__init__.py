"""Sends what the outbox holds: control alone does this, so that no request waits and no worker knows a secret."""
