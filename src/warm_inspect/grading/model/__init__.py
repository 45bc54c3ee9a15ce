"""Grading by a model in the role `grader`: which model, what it is shown, and what counts in its reply."""
