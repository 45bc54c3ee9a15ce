"""Conditions: the words of the experiment and how they are crossed."""
