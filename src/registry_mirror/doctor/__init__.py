"""What is wrong with a set-up, found before the first request is: settings, target, repository.

Everything that is looked at ends in one or more checks (`report/checklist.py`). No blob,
manifest or tag stays at the target; an upload session is opened and deleted, and where a registry
refuses that, the checklist says so.
"""
