"""Trials: one fault at a time, or one outage, with the figure that it is held to. Each row of the table is a file."""
