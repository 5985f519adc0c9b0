"""Decides what is published: journals, issues, submissions, acceptance, the freeze and the barrier."""
