"""LoRA training: from a plan that is checked before any weight is loaded to an adapter with its manifest."""
