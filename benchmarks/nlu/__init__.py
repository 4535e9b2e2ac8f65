"""Measurements of understanding."""
