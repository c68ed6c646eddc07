"""The outside world: files, logs on disk, notebooks."""
