"""The sections of a study's page: one file each, with its tables, its figures and what its sentences state."""
