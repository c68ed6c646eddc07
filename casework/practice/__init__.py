"""What happens at the desk."""
