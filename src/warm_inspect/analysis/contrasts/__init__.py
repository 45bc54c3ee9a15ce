"""Contrasts of condition means: paired within questions, with clustered errors, strata weighed equally."""
