"""What was done, by whom and why; and the chain that shows when it, or a transfer, is altered."""
