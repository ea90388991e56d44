"""Images of Docker V2 Schema 1, which skopeo converts where it is installed."""

import asyncio

from registry_mirror.config import Asker, Settings
from registry_mirror.engines.native import words
from registry_mirror.engines.skopeo.engine import open_skopeo
from registry_mirror.engines.skopeo.strangers import is_well_known
from registry_mirror.errors import Code, ConfigurationInvalidError, Failure, Side
from registry_mirror.outcome import Outcome
from registry_mirror.plan import Copy, Plan
from registry_mirror.text import Text


class OldSchema:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._places = asyncio.Semaphore(settings.parallel)

    async def mirror(self, copy: Copy) -> Outcome | Failure:
        if self._settings.asker is Asker.STRANGER and not is_well_known(copy.source.registry):
            return _refused(words.SCHEMA_1_OF_STRANGER, words.SCHEMA_1_OF_STRANGER_HINT)
        try:
            async with self._places, open_skopeo(self._settings) as skopeo:
                (outcome,) = await skopeo.run(Plan((copy,)), lambda _: None)
        except ConfigurationInvalidError:
            return _refused(words.SCHEMA_1, words.SCHEMA_1_HINT)
        return outcome


def _refused(cause: Text, hint: Text) -> Failure:
    return Failure(Code.ENGINE_UNSUPPORTED, Side.SOURCE, cause=cause, hint=hint)
