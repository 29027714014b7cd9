"""A region to try everything on, and the whole job run on it over HTTP."""
