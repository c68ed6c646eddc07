"""What judged work adds up to."""
