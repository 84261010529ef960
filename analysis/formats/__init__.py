"""Photo files byte by byte: what they say of themselves, read without any decoder."""
