"""The parts that every package shares: the contract between evaluation and analysis, vocabularies, errors, files."""
