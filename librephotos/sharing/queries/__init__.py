"""All SQL of shares and links."""
