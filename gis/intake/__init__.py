"""How files come in: known by their bytes, bounded, looked over, and read in a child process with limits."""
