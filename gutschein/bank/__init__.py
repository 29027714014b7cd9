"""What goes to the bank: account numbers, the text banks accept, and payment files."""
