"""Plays two whole programmes through the platform's public HTTP APIs, with made-up people."""
