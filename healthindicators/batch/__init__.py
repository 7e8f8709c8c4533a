"""Many reports: planned, made side by side, skipped where nothing has changed, accounted for."""
