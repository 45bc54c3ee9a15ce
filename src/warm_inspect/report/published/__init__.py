"""The study's figures 2, 3 and 5, drawn from the cells of paper mode: of logs and of cell counts alike."""
