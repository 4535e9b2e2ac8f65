"""Measurements, run by `make bench`."""


class DataMissingError(Exception):
    """Data that a benchmark needs and that is no part of the project is not where a setting should tell."""
