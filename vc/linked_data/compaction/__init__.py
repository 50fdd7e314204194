"""What compaction writes, and whether a document is written so (JSON-LD 1.1 API section 6; docs/reading.md)."""
