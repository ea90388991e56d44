"""What is wrong with a set-up, found before the first request is: settings, target, repository.

Everything that is looked at ends in one or more checks (`report/checklist.py`). Nothing is left
behind: an upload session that is opened is deleted, and no blob, manifest or tag is kept.
"""
