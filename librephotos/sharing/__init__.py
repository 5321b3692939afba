"""Shares between users, and public links of albums and photos."""
