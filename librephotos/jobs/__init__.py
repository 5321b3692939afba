"""The queue, the worker, progress and the supervisor; knows no job by name."""
