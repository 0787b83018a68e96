"""What the shell does."""
