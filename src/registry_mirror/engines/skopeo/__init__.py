"""The engine that hands each image to `skopeo copy`."""
