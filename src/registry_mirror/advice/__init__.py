"""What helps with images that failed, found out when the engine is done."""
