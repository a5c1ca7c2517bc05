"""What leaves the house: tables, streams, frames, answers about a run, the animated page."""
