"""Adds up what the streams tell: indicators against targets, and the live page."""
