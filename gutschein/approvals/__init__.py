"""What needs a second person: a request, another person's word, an end."""
