"""How handling is judged."""
