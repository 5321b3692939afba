"""Credentials and sessions: passwords, JWT, Basic and the access guard."""
