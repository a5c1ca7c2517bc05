"""A race: what it asks, and its text."""
