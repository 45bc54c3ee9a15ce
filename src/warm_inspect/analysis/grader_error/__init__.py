"""Rates and contrasts corrected for the errors of a grading, from replies that a reader labelled as well."""
