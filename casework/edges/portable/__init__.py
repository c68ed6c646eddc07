"""Records that leave for other systems: xAPI statements, Open Badges, and tables that come back as they went."""
