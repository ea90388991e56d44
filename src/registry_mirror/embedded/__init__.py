"""A small registry server for the demo and the tests, with faults that can be switched on."""
