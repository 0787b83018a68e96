"""Proofs over random histories."""
