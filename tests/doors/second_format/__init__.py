"""A card format that comes from outside: one file, and what tries it."""
