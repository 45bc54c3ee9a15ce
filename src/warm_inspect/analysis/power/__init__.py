"""What a study of given size can see, and how large one must be."""
