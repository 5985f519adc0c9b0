"""What happened in supervision and the rules of it: pure, and told the time by the caller."""
