"""What is simulated. NumPy only: no Qt, no files, no clock."""
