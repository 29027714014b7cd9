"""What goes to the bank and comes from it: accounts, references, payment files, statements."""
