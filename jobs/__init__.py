"""The clock door: what is due, and who does it."""
