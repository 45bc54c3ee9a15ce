"""What every package shares: the contract between evaluation and analysis, vocabularies, errors, content files."""
