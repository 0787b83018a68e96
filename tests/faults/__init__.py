"""Proofs under crowding, breakage and sudden death."""
