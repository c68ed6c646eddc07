"""Each change of the tables, forward only; a backup is made before any of them runs."""
