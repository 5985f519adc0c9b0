"""Decides what was taught: titles, runs, attendance and certificates of attendance."""
