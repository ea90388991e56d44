"""Images of Docker V2 Schema 1, which skopeo converts where it is installed."""

import asyncio

from registry_mirror.config import Settings
from registry_mirror.engines.native import words
from registry_mirror.engines.skopeo.engine import open_skopeo
from registry_mirror.errors import Code, ConfigurationInvalidError, Failure, Side
from registry_mirror.outcome import Outcome
from registry_mirror.plan import Copy, Plan


class OldSchema:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._places = asyncio.Semaphore(settings.parallel)

    async def mirror(self, copy: Copy) -> Outcome | Failure:
        try:
            async with self._places, open_skopeo(self._settings) as skopeo:
                (outcome,) = await skopeo.run(Plan((copy,)), lambda _: None)
        except ConfigurationInvalidError:
            return Failure(
                Code.ENGINE_UNSUPPORTED,
                Side.SOURCE,
                cause=words.SCHEMA_1,
                hint=words.SCHEMA_1_HINT,
            )
        return outcome
