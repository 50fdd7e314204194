"""JSON-LD 1.1: contexts compiled once, and the walk from a document to its quads."""
