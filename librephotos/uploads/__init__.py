"""Uploads in chunks: received into the data folder, checked whole, and only then put into the library."""
