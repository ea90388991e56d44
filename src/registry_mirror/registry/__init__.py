"""The only speaker of the distribution API."""
