"""API keys: their text, their rows, who they admit, and the routes that make and end them."""
