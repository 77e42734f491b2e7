"""The way to the orchestrators: a few shared calls, and a lane on one of them for each connection."""
