"""Results made elsewhere: their files are read, their protocol is declared, and they become runs that have ended."""
