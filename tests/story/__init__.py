"""Promises, told through GraphQL only."""
