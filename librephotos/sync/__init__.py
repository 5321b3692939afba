"""Feeds that copies of a library on phones are kept in step by."""
