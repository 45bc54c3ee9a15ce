"""The tables: each defined once, for the page, the terminal, markdown and LaTeX."""
