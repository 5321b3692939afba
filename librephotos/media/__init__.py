"""A file's bytes to facts and pixels; knows no rows."""
