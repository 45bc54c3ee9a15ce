"""How far a grading can be trusted: its agreement with labelled replies."""
