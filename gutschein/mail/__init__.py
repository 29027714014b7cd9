"""Mail: what is to be sent waits sealed in the outbox until a job hands it to an SMTP server."""
