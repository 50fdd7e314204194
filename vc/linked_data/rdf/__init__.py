"""Quads, their text, their canonical labels (RDFC-1.0), and selections of them."""
