"""The engine that speaks to registries itself: each byte once, taken up again where it was cut."""
