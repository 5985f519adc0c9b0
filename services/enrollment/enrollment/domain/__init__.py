"""State and rules of enrollment by noun: pure, and told the date and the time by the caller."""
