"""Videos converted while they are played: kept for the next time, shared by all who watch the same one."""
