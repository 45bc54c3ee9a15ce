"""What a reply does with its question and with the user's claim, as it is read without a model and by models.

`docs/grading.md` defines the outcomes with an example each.
"""
