"""Measurements that compare: each runs its contenders in turns, round after round, and prints ratios."""
