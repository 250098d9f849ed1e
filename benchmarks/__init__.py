"""How far the system is from what its machine could do: ratios and CPU times, never wall-clock bars."""
