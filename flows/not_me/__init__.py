"""A phone that belongs to somebody else."""
