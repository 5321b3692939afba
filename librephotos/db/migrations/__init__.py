"""The schema's history: one file a step in `versions/`, never changed once released.

`tools/revise_schema.py` writes the next step from the difference between the tables and the history.
"""
