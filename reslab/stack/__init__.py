"""The local stack: PostgreSQL, Valkey and the service's own processes on one machine, under one supervisor."""
