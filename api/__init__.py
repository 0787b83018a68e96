"""The HTTP door: one application, wired in one place."""
