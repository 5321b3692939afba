"""The command line: serve, work, scan, migrate, user, doctor, openapi."""

from librephotos.cli.commands import main

__all__ = ["main"]
