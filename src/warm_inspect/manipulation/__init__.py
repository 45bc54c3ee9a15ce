"""The manipulation check: replies of the arms, read by the warmth meters and compared with a reference."""
