"""What measures: calibration, agreement and speed of the models that ship, and the example."""
