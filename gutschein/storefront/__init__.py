"""What the public sees of a town: its page, its shops and its texts."""
