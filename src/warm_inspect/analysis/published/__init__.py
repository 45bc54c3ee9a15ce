"""The published analysis as it was published, for logs and for tables of cell counts."""
