"""What can be seen of the running service: figures, log lines, traces."""
