"""The release gate: one checkpoint against a reference, over the margins of a policy."""
