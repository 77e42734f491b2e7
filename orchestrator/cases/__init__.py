"""Cases that are closed by looking up and acting: each is a procedure over tools that tells only what they found."""
