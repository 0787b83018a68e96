"""The suite: it mirrors the floors; `story/`, `property/` and `house/` stand beside them."""
