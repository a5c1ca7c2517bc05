"""A training in the network lab: what it asks, its text, and what comes of it."""
