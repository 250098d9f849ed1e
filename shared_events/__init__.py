"""The published language: what the contexts tell each other, and nothing of how it travels."""
