"""What a node runs: the rules of a text compiled for one member at one time, and the rows they release."""
