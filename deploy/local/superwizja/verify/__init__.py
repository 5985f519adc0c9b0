"""Judges a platform that has come to rest: databases, topics and APIs against each other. It reads and never writes."""
