"""The command line, the demo and the combined servers: everything that puts the roles together."""
