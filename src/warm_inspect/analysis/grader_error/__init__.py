"""What labels of readers tell of a grading: how far it agrees with them, and rates and contrasts without its errors."""
