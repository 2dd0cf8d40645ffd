"""The running service: the only room that meets the network."""
