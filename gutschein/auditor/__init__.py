"""The auditor: recomputes everything from the rows, with code of its own, and writes nothing."""
