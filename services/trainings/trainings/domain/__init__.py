"""Titles, runs and certificates of attendance, and their rules: pure, and told the date by the caller."""
