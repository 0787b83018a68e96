"""How the programme decides: pure functions over checked JSON; nothing here reads a clock, a setting or a table."""
