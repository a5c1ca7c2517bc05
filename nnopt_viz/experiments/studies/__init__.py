"""The experiments, a file each. A new one is one declaration in one file."""
