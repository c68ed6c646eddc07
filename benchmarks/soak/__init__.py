"""Long trials of what must never happen: kills, crowds of writers, failing disks, and spoilt input."""
