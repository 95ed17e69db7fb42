"""What goes out to other systems: pure functions from what a member may see to bytes."""
