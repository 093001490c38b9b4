"""What measures: suites, metrics, runs and their comparison; calibration and speed."""
