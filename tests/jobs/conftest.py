"""A shop whose clock is watched: jobs see only the instant they are handed."""

from tests.loyalty.conftest import shop

__all__ = ["shop"]
