"""Two logs of any Inspect task, compared sample by sample."""
