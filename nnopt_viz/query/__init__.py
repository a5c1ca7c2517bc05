"""The text of a question: its grammar, what may stand in it, how it is read."""
