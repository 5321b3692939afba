"""Profiles, management, first run and deletion of accounts."""
