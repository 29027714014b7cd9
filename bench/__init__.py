"""How fast the service is, beside what the same machine can do at best: ``make bench``."""
