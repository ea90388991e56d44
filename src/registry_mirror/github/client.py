"""The few calls to GitHub that a conversation with an issue needs."""

from dataclasses import dataclass

from registry_mirror.github.issue_calls import Comment, IssueCalls, IssueState
from registry_mirror.github.repository_calls import Permission, RepositoryCalls, RepositoryState
from registry_mirror.github.run_calls import Run, RunCalls
from registry_mirror.github.wording_calls import Wording, WordingCalls

__all__ = ["Comment", "GitHub", "IssueState", "Permission", "RepositoryState", "Run", "Wording"]


@dataclass(frozen=True, slots=True)
class GitHub(IssueCalls, WordingCalls, RunCalls, RepositoryCalls):
    """One repository, by way of one token."""
