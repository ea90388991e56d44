"""A clock that moves only when somebody waits by it."""

from dataclasses import dataclass, field

from registry_mirror.github.client import GitHub
from registry_mirror.github.tries import Patience
from registry_mirror.secret import Secret
from tests.fake_github import FakeGitHub


@dataclass
class Waits:
    seconds: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)

    def clock(self) -> float:
        return sum(self.seconds)

    @property
    def patience(self) -> Patience:
        return Patience(sleep=self.sleep, clock=self.clock, jitter=lambda: 1.0)


def client_of(fake: FakeGitHub, waits: Waits, *, token: str | None = None) -> GitHub:
    return GitHub(fake.api_url, fake.repository, Secret(token or fake.token), waits.patience)
