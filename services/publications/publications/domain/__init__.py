"""Journals, issues and articles with their rules: pure, and told the time by the caller."""
