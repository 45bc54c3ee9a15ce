"""The statistics: logs in, estimates out. It knows the contract of `core` and nothing of what made the logs."""
