"""What a reply does with its question and with the user's claim, and how it is read without a model.

`docs/grading.md` defines the outcomes with an example each.
"""
