"""What the room asks the database: counts of one account, and of all accounts for admins."""
