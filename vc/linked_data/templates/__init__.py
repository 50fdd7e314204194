"""Quick ways for documents of a shape that was met before: templates and their instances."""
