"""The web: routes, their schema, the guard before them, who is served when, settings."""
