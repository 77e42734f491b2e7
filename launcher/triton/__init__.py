"""The embedded Triton: its own environment, its process, and a watchdog for models that died without saying so."""
