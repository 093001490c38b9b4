"""The web: which addresses may be fetched, and fetching one."""
