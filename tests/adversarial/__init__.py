"""Attacks on the doors by which files and words of others come in; small in the suite, larger by hand."""
