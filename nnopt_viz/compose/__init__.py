"""Calls put together: one's own formulas and rules, runs with what is around them, good rates."""
