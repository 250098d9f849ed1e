"""The messaging tables' history: each version is frozen once it was released."""
