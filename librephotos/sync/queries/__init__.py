"""What feeds tell, by what they tell of."""
