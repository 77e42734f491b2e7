"""Language models behind one interface: what is said to them, what they say back, and how long they are waited for."""
