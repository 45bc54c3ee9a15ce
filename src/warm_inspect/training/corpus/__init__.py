"""Corpora: pairs that differ in style only, built from recorded chats, restyled or distilled, with their datasheet."""
