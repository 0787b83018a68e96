"""The design, held: what we care about is a test, not a paragraph."""
