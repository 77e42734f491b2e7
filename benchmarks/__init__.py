"""Measured claims: each module is one benchmark, `python -m benchmarks` runs them."""
