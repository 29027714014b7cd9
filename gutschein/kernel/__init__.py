"""The ground everything stands on: money, time, ids and errors. No I/O."""
