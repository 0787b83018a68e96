"""The programme itself: stories told to `receive`, on a real database."""
