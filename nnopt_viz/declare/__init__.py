"""What can be declared: knobs and calls, registries, starts, drifts, modifiers."""
