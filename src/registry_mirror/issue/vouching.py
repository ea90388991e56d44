"""Which text is served: one that a person with write access wrote last, or one that waits.

The Triage role, too, may edit everybody's issues.
"""

from dataclasses import replace

from registry_mirror.config import read_policy
from registry_mirror.gate import Standing, heeds_approvals
from registry_mirror.github.client import Wording
from registry_mirror.github.event import Action
from registry_mirror.github.retry import GitHubError
from registry_mirror.issue.answering import Answering
from registry_mirror.issue.standing import first_of_all, may_write


async def text_of(work: Answering, who: Standing) -> tuple[Standing, str]:
    """The text that an event asks for; the standing tells whether its last editor may write.

    Who opened or edited the issue wrote it: the text of that moment. Another's, which goes by
    approval, as it stands now: an edit ends an approval. What is asked for once more as it stands
    now, with who changed it last. Raises GitHubError.
    """
    if not who.answers_for_body:
        heeds = heeds_approvals(read_policy(work.environment), who)
        return who, await _text_now(work) if heeds else work.event.body
    if work.event.action in {Action.OPENED, Action.EDITED}:
        return who, work.event.body
    wording = await _wording(work)
    if wording is None:
        return replace(who, is_vouched=False), await _text_now(work)
    return replace(who, is_vouched=await _is_vouched(work, wording)), wording.body


async def _is_vouched(work: Answering, wording: Wording) -> bool:
    """Sender and author may write, or nothing would be asked."""
    if wording.editor is None or wording.editor in {work.event.sender, work.event.author}:
        return True
    return await may_write(work, wording.editor) is True


async def _wording(work: Answering) -> Wording | None:
    try:
        return await work.conversation.github.wording(work.event.number)
    except GitHubError as error:
        work.tell(f"Who edited the issue last could not be asked: {error}")
        return None


async def _text_now(work: Answering) -> str:
    return (await first_of_all(work, work.conversation.github.issue(work.event.number))).body
