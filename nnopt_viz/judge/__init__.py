"""What questions share: simulate, evaluate, find minima, judge ends, tell what happened."""
