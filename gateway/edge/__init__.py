"""The edge session without I/O: frames and upstream events go in, frames, commands and closes come out."""
