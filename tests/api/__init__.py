"""The HTTP door: what it lets in, and what it says of itself."""
