"""How GitHub writes a user, an issue, a comment, a label, a repository and an event."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from zlib import crc32

HTML = "https://github.com"
REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")

Json = dict[str, Any]


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@dataclass
class FakeLabel:
    name: str
    color: str
    description: str | None = None


@dataclass
class FakeReaction:
    user: str
    content: str
    created: datetime = field(default_factory=now)


@dataclass
class FakeIssue:
    number: int
    body: str | None
    author: str
    title: str
    labels: list[str] = field(default_factory=list)
    state: str = "open"
    state_reason: str | None = None
    reactions: list[FakeReaction] = field(default_factory=list)
    created: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)
    closed: datetime | None = None
    edited: datetime | None = None
    editor: str | None = None


@dataclass
class FakeComment:
    id: int
    issue: int
    author: str | None
    body: str
    created: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)
    reactions: list[FakeReaction] = field(default_factory=list)


@dataclass(frozen=True)
class Shapes:
    """Writes what belongs to one repository; `api` is the API's address."""

    api: str
    repository: str
    user_types: dict[str, str]

    @property
    def url(self) -> str:
        return f"{self.api}/repos/{self.repository}"

    @property
    def html(self) -> str:
        return f"{HTML}/{self.repository}"

    @property
    def owner(self) -> str:
        return self.repository.partition("/")[0]

    def user(self, login: str) -> Json:
        url = f"{self.api}/users/{quote(login)}"
        number = crc32(login.encode())
        return {
            "login": login,
            "id": number,
            "node_id": f"U_{number}",
            "avatar_url": f"https://avatars.githubusercontent.com/u/{number}?v=4",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{HTML}/{quote(login)}",
            "followers_url": f"{url}/followers",
            "following_url": f"{url}/following{{/other_user}}",
            "gists_url": f"{url}/gists{{/gist_id}}",
            "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
            "subscriptions_url": f"{url}/subscriptions",
            "organizations_url": f"{url}/orgs",
            "repos_url": f"{url}/repos",
            "events_url": f"{url}/events{{/privacy}}",
            "received_events_url": f"{url}/received_events",
            "type": self.user_types.get(login, "Bot" if login.endswith("[bot]") else "User"),
            "user_view_type": "public",
            "site_admin": False,
        }

    def label(self, label: FakeLabel) -> Json:
        number = crc32(f"label {label.name}".encode())
        return {
            "id": number,
            "node_id": f"LA_{number}",
            "url": f"{self.url}/labels/{quote(label.name, safe='')}",
            "name": label.name,
            "color": label.color,
            "default": label.name in {"bug", "duplicate", "invalid", "question", "wontfix"},
            "description": label.description,
        }

    def reaction(self, reaction: FakeReaction) -> Json:
        number = crc32(f"{reaction.user} {reaction.content}".encode())
        return {
            "id": number,
            "node_id": f"REA_{number}",
            "user": self.user(reaction.user),
            "content": reaction.content,
            "created_at": as_time(reaction.created),
        }

    def comment(self, comment: FakeComment) -> Json:
        url = f"{self.url}/issues/comments/{comment.id}"
        return {
            "id": comment.id,
            "node_id": f"IC_{comment.id}",
            "url": url,
            "html_url": f"{self.html}/issues/{comment.issue}#issuecomment-{comment.id}",
            "issue_url": f"{self.url}/issues/{comment.issue}",
            "user": self.user(comment.author) if comment.author else None,
            "created_at": as_time(comment.created),
            "updated_at": as_time(comment.updated),
            "author_association": self.association(comment.author),
            "body": comment.body,
            "reactions": _rollup(url, comment.reactions),
            "performed_via_github_app": None,
        }

    def issue(self, issue: FakeIssue, labels: list[FakeLabel], comments: int) -> Json:
        url = f"{self.url}/issues/{issue.number}"
        return {
            "url": url,
            "repository_url": self.url,
            "labels_url": f"{url}/labels{{/name}}",
            "comments_url": f"{url}/comments",
            "events_url": f"{url}/events",
            "html_url": f"{self.html}/issues/{issue.number}",
            "id": 2_700_000_000 + issue.number,
            "node_id": f"I_{issue.number}",
            "number": issue.number,
            "title": issue.title,
            "user": self.user(issue.author),
            "labels": [self.label(label) for label in labels],
            "state": issue.state,
            "locked": False,
            "assignee": None,
            "assignees": [],
            "milestone": None,
            "comments": comments,
            "created_at": as_time(issue.created),
            "updated_at": as_time(issue.updated),
            "closed_at": as_time(issue.closed) if issue.closed else None,
            "author_association": self.association(issue.author),
            "active_lock_reason": None,
            "body": issue.body,
            "reactions": _rollup(url, issue.reactions),
            "timeline_url": f"{url}/timeline",
            "performed_via_github_app": None,
            "state_reason": issue.state_reason,
        }

    def association(self, login: str | None) -> str:
        return "OWNER" if login == self.owner else "NONE"

    def event(self, action: str, issue: Json, sender: str) -> Json:
        return {
            "action": action,
            "issue": issue,
            "repository": self.full_repository(event=True),
            "sender": self.user(sender),
        }

    def small_repository(self) -> Json:
        full = self.full_repository()
        named = {f"{name}_url" for name in _REPOSITORY_URLS}
        return {key: full[key] for key in full if key in named or key in _IN_EVERY_REPOSITORY}

    def full_repository(self, *, event: bool = False) -> Json:
        common: Json = {
            "id": 700_000_001,
            "node_id": "R_700000001",
            "name": self.repository.partition("/")[2],
            "full_name": self.repository,
            "private": False,
            "owner": self.user(self.owner),
            "html_url": self.html,
            "description": None,
            "fork": True,
            "url": self.url,
            **{f"{name}_url": f"{self.url}/{path}" for name, path in _REPOSITORY_URLS.items()},
            "git_url": f"git://{self.html.removeprefix('https://')}.git",
            "ssh_url": f"git@{self.html.removeprefix('https://').replace('/', ':', 1)}.git",
            "clone_url": f"{self.html}.git",
            "svn_url": self.html,
            "mirror_url": None,
            "homepage": None,
            "created_at": "2026-01-02T03:04:05Z",
            "updated_at": "2026-01-02T03:04:05Z",
            "pushed_at": "2026-01-02T03:04:05Z",
            "size": 100,
            **dict.fromkeys(_REPOSITORY_COUNTS, 0),
            **dict.fromkeys(_TRUE_OF_REPOSITORY, True),
            **dict.fromkeys(_FALSE_OF_REPOSITORY, False),
            "language": "Python",
            "license": None,
            "topics": [],
            "visibility": "public",
            "default_branch": "main",
        }
        return common | ({"custom_properties": {}} if event else _ONLY_IN_ANSWERS)


_IN_EVERY_REPOSITORY = (
    *("id", "node_id", "name", "full_name", "owner", "private", "html_url", "description"),
    *("fork", "url", "git_url", "ssh_url", "clone_url"),
)

_ONLY_IN_ANSWERS: Json = {"network_count": 0, "subscribers_count": 0}

_TRUE_OF_REPOSITORY = ("has_issues", "has_projects", "has_downloads", "has_wiki", "allow_forking")

_FALSE_OF_REPOSITORY = (
    "has_pages",
    "has_discussions",
    "archived",
    "disabled",
    "is_template",
    "web_commit_signoff_required",
)

_REPOSITORY_COUNTS = (
    "stargazers_count",
    "watchers_count",
    "forks_count",
    "open_issues_count",
    "forks",
    "open_issues",
    "watchers",
)

_REPOSITORY_URLS = {
    "forks": "forks",
    "keys": "keys{/key_id}",
    "collaborators": "collaborators{/collaborator}",
    "teams": "teams",
    "hooks": "hooks",
    "issue_events": "issues/events{/number}",
    "events": "events",
    "assignees": "assignees{/user}",
    "branches": "branches{/branch}",
    "tags": "tags",
    "blobs": "git/blobs{/sha}",
    "git_tags": "git/tags{/sha}",
    "git_refs": "git/refs{/sha}",
    "trees": "git/trees{/sha}",
    "statuses": "statuses/{sha}",
    "languages": "languages",
    "stargazers": "stargazers",
    "contributors": "contributors",
    "subscribers": "subscribers",
    "subscription": "subscription",
    "commits": "commits{/sha}",
    "git_commits": "git/commits{/sha}",
    "comments": "comments{/number}",
    "issue_comment": "issues/comments{/number}",
    "contents": "contents/{+path}",
    "compare": "compare/{base}...{head}",
    "merges": "merges",
    "archive": "{archive_format}{/ref}",
    "downloads": "downloads",
    "issues": "issues{/number}",
    "pulls": "pulls{/number}",
    "milestones": "milestones{/number}",
    "notifications": "notifications{?since,all,participating}",
    "labels": "labels{/name}",
    "releases": "releases{/id}",
    "deployments": "deployments",
}


def _rollup(url: str, reactions: list[FakeReaction]) -> Json:
    counts = Counter(reaction.content for reaction in reactions)
    numbers = {content: counts[content] for content in REACTIONS}
    return {"url": f"{url}/reactions", "total_count": counts.total(), **numbers}


def as_time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
