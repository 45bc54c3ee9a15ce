"""What a run is: its arms, their evaluation, and its progress."""
