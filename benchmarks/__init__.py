"""What is fast, measured: floor, ours and peers side by side in one interleaved run (`make bench`)."""
