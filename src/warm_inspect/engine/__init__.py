"""The batching engine: one loaded base model with many LoRA adapters, and the `peft` provider over it. It imports
`core` and `models` only.
"""
