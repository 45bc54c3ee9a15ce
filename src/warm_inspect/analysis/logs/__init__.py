"""Reading: which logs there are, what each holds, which arm it is of, and whether they may be compared."""
