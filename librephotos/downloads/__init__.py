"""Archives of many originals: packed by a job, fetched by whoever asked for them, gone after a day."""
