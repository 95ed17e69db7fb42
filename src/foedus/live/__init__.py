"""The only package with sockets, an event loop and the wall clock."""
