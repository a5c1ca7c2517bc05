"""What can be declared: knobs, calls, registries, starts, drifts, modifiers; price and pace."""
