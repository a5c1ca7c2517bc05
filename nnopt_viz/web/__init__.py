"""The web: routes, their schema, the guard before them, pacing, settings."""
