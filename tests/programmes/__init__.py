"""Whole programmes, played through the intake: every story of every folder is true of the books."""
