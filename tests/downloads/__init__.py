"""Archives, through a real server and worker."""
