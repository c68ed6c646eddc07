"""`python -m casework`, for where the command is not on the path."""

from casework.faces.cli import app

app()
