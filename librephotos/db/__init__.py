"""Connections, transactions, tables and the differences between SQLite and PostgreSQL."""
