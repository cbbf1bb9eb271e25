"""Workers as jobs of Slurm. The row is the job: Slurm supplies workers, and never runs."""
