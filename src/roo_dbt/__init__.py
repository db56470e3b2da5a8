"""Reverse ETL for dbt: models to Braze and Iterable, only what changed."""

__all__ = ["__version__"]

__version__ = "0.1.0"
