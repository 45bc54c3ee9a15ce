"""The warmth meters: a number for each reply, and whether a meter can be trusted."""
