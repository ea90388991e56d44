"""Why an image failed and what helps, in words."""

from registry_mirror.errors import Failure
from registry_mirror.explanations import EXPLANATIONS
from registry_mirror.text import Text


def cause_of(failure: Failure) -> Text:
    return failure.cause or EXPLANATIONS[failure.code].cause


def hint_of(failure: Failure) -> Text:
    return failure.hint or EXPLANATIONS[failure.code].hint
