"""The whole platform on one machine without Docker, and the command that serves people."""
