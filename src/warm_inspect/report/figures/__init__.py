"""The figures: SVG set into the page, readable aloud, in the page's colours."""
