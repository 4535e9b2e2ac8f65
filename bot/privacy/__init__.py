"""Personal values: found in typed text, kept in an encrypted vault, named by references everywhere else."""
