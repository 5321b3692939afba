"""Scan, ingest and missing files."""
