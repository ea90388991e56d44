"""`make bench`: this program beside its peers, over links that are no better than real ones."""
