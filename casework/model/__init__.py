"""What things are: frozen values, and nothing that reads a file, a clock or a die."""
