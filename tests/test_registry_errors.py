"""What a registry's no says, and what it means to who asked for the image."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.errors import Code, Side
from registry_mirror.registry.errors import (
    AddressRefusedError,
    AnswerError,
    AnswerTooLargeError,
    AuthenticationRefusedError,
    ConnectionLostError,
    ContentMismatchError,
    Lost,
    Operation,
    ProtocolError,
    RegistryError,
    SizeDiffersError,
)
from registry_mirror.registry.failures import UNTRUSTED, failure_of, is_rate_limit
from registry_mirror.registry.refusals import (
    MAX_SAID,
    read_refusal,
    read_retry_after,
    refusal_of,
)

NOW = "Tue, 24 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("body", "codes", "said"),
    [
        (
            b'{"errors":[{"code":"DENIED","message":"requested access is denied","detail":[]}]}',
            ("DENIED",),
            "DENIED: requested access is denied",
        ),
        (
            b'{"errors":[{"code":"NAME_UNKNOWN","message":"not known"},{"code":"DENIED"}]}',
            ("NAME_UNKNOWN", "DENIED"),
            "NAME_UNKNOWN: not known; DENIED",
        ),
        (
            b'{"errors":[{"code":"TOOMANYREQUESTS","message":"slow","detail":"You have"}]}',
            ("TOOMANYREQUESTS",),
            "TOOMANYREQUESTS: slow: You have",
        ),
        (b'{"details":"incorrect username or password"}', (), "incorrect username or password"),
        (b"<html><body><h1>413</h1> too\n large</body></html>", (), "413 too large"),
        (b"<style>a{}</style>no<script>b()</script> way<style>c{", (), "no way"),
        (b"\xff\xfe plain", (), "\ufffd\ufffd plain"),
        (b"", (), ""),
        (b'{"errors":"no list"}', (), '{"errors":"no list"}'),
        (b'{"errors":[{"code":7,"message":["x"]}]}', (), '{"errors":[{"code":7,"message":["x"]}]}'),
        (b'{"errors":[{"code":"bad code\\n","message":"m"}]}', (), "bad code : m"),
        (
            b"see https://s3.example/b?X-Amz-Signature=abc for more",
            (),
            "see https://s3.example/b?… for more",
        ),
        (b"[" * 100_000, (), "[" * (MAX_SAID - 1) + "…"),
    ],
)
def test_words_and_codes_of_an_answer(body: bytes, codes: tuple[str, ...], said: str) -> None:
    assert read_refusal(body) == (codes, said)


@given(st.binary(max_size=300))
def test_any_body_can_be_read_on_one_line(body: bytes) -> None:
    _, said = read_refusal(body)
    assert "\n" not in said
    assert len(said) <= MAX_SAID


@pytest.mark.parametrize(
    ("headers", "said", "seconds"),
    [
        ({"Retry-After": "60"}, "", 60.0),
        ({"Retry-After": " 1.5 "}, "", 1.5),
        ({"Retry-After": "0"}, "", 0.0),
        ({"Retry-After": "Tue, 24 Nov 2026 10:02:00 GMT", "Date": NOW}, "", 120.0),
        ({"Retry-After": "Tue, 24 Nov 2026 09:00:00 GMT", "Date": NOW}, "", 0.0),
        ({"Retry-After": "Tue, 24 Nov 2026 10:02:00 GMT"}, "", None),
        ({"Retry-After": "soon"}, "", None),
        ({"Retry-After": "-1"}, "", None),
        ({"Retry-After": "9" * 400}, "", None),
        ({"Retry-After": f"Tue, 24 Nov 2026 10:02:{'1' * 40} GMT", "Date": NOW}, "", None),
        ({"Retry-After": f"Tue, 24 Nov 2026 10:02:00 -{'1' * 40}", "Date": NOW}, "", None),
        ({}, "retry-after: 10.3ms, allowed: 2000/minute", 0.0103),
        ({}, "Retry-After: 2m", 120.0),
        ({}, "retry-after: 7", 7.0),
        ({"Retry-After": "5"}, "retry-after: 9s", 5.0),
        ({"RateLimit-Reset": "90"}, "", 90.0),
        ({"RateLimit-Reset": "90", "Retry-After": "5"}, "", 5.0),
        ({"RateLimit-Reset": "in a while"}, "", None),
        ({"X-RateLimit-Reset": "1795514460", "Date": NOW}, "", 60.0),
        ({"X-RateLimit-Reset": "1795514400", "Date": NOW}, "", 0.0),
        ({"X-RateLimit-Reset": "1795514460"}, "", None),
        ({"X-RateLimit-Reset": "60", "Date": NOW}, "", None),
        ({}, "", None),
    ],
)
def test_how_long_to_wait(headers: Mapping[str, str], said: str, seconds: float | None) -> None:
    assert read_retry_after(headers, said) == pytest.approx(seconds)


def answer(
    side: Side, operation: Operation, status: int, said: str = "", *codes: str
) -> AnswerError:
    return AnswerError(side, operation, status, said, codes=codes)


S, T = Side.SOURCE, Side.TARGET
O = Operation  # noqa: E741


@pytest.mark.parametrize(
    ("error", "code"),
    [
        # What is not there.
        (answer(S, O.RESOLVE, 404), Code.TAG_NOT_FOUND),
        (answer(S, O.GET_MANIFEST, 404, "", "MANIFEST_UNKNOWN"), Code.TAG_NOT_FOUND),
        (answer(S, O.GET_MANIFEST, 404, "", "NAME_UNKNOWN"), Code.REPOSITORY_NOT_FOUND),
        (answer(S, O.GET_CHILD, 404, "", "MANIFEST_UNKNOWN"), Code.BLOB_MISSING),
        (answer(S, O.GET_BLOB, 404, "", "BLOB_UNKNOWN"), Code.BLOB_MISSING),
        (answer(S, O.GET_BLOB, 404), Code.BLOB_MISSING),
        (answer(T, O.RESOLVE, 404), Code.TARGET_NOT_FOUND),
        (answer(T, O.START_UPLOAD, 404, "", "NAME_UNKNOWN"), Code.TARGET_NOT_FOUND),
        (answer(T, O.START_UPLOAD, 404), Code.TARGET_NOT_FOUND),
        (answer(T, O.SEND, 404, "", "BLOB_UPLOAD_UNKNOWN"), Code.TARGET_UNAVAILABLE),
        (answer(T, O.PUT_MANIFEST, 404, "project app not found"), Code.TARGET_NOT_FOUND),
        (
            answer(T, O.START_UPLOAD, 401, "unauthorized: project nobody not found"),
            Code.TARGET_NOT_FOUND,
        ),
        (
            answer(
                T,
                O.START_UPLOAD,
                404,
                "The repository with name 'app' does not exist in the registry",
                "NAME_UNKNOWN",
            ),
            Code.TARGET_NOT_FOUND,
        ),
        (ProtocolError(T, "no Location", O.START_UPLOAD), Code.TARGET_NOT_FOUND),
        # Who may do what.
        (answer(S, O.RESOLVE, 401, "authentication required", "UNAUTHORIZED"), Code.SOURCE_DENIED),
        (answer(S, O.GET_MANIFEST, 403, "", "DENIED"), Code.SOURCE_DENIED),
        (answer(S, O.GET_BLOB, 451), Code.SOURCE_DENIED),
        (answer(T, O.START_UPLOAD, 401), Code.TARGET_DENIED),
        (answer(T, O.MOUNT, 403, "requested access to the resource is denied"), Code.TARGET_DENIED),
        (answer(T, O.START_UPLOAD, 405, "", "UNSUPPORTED"), Code.TARGET_DENIED),
        (AuthenticationRefusedError(S, "incorrect password", status=401), Code.SOURCE_DENIED),
        (AuthenticationRefusedError(T, "", status=403), Code.TARGET_DENIED),
        (AuthenticationRefusedError(T, "no token in the answer"), Code.TARGET_DENIED),
        (AuthenticationRefusedError(S, "", status=503), Code.SOURCE_UNAVAILABLE),
        (AuthenticationRefusedError(S, "", status=429), Code.RATE_LIMITED),
        # How much and how often.
        (answer(S, O.GET_MANIFEST, 429), Code.RATE_LIMITED),
        (answer(T, O.PUT_MANIFEST, 429, "Quota exceeded for quota metric"), Code.RATE_LIMITED),
        (answer(S, O.GET_MANIFEST, 403, "exceeded a secondary rate limit"), Code.RATE_LIMITED),
        (answer(S, O.GET_MANIFEST, 403, "", "TOOMANYREQUESTS"), Code.RATE_LIMITED),
        (answer(T, O.SEND, 413), Code.TOO_LARGE),
        (answer(T, O.FINISH, 413, "", "SIZE_INVALID"), Code.TOO_LARGE),
        (AnswerTooLargeError(S), Code.TOO_LARGE),
        (answer(T, O.FINISH, 403, "storage quota exceeded", "DENIED"), Code.QUOTA_EXCEEDED),
        (
            answer(T, O.PUT_MANIFEST, 403, "adding 5 MiB will exceed the configured upper limit"),
            Code.QUOTA_EXCEEDED,
        ),
        (answer(T, O.SEND, 507), Code.QUOTA_EXCEEDED),
        # What a target takes.
        (answer(T, O.PUT_MANIFEST, 400, "the tag is immutable", "TAG_INVALID"), Code.TAG_IMMUTABLE),
        (
            answer(
                T,
                O.PUT_MANIFEST,
                400,
                "The image tag '1' already exists in the 'app' repository and cannot be "
                "overwritten because the repository is immutable",
            ),
            Code.TAG_IMMUTABLE,
        ),
        (
            answer(
                T,
                O.PUT_MANIFEST,
                403,
                "unknown manifest class for application/vnd.oci.empty.v1+json",
                "DENIED",
            ),
            Code.TARGET_REFUSES_FORMAT,
        ),
        (answer(T, O.PUT_MANIFEST, 400, "", "MANIFEST_INVALID"), Code.TARGET_REFUSES_FORMAT),
        (answer(T, O.PUT_MANIFEST, 415), Code.TARGET_REFUSES_FORMAT),
        (answer(T, O.PUT_MANIFEST, 405, "", "UNSUPPORTED"), Code.TARGET_REFUSES_FORMAT),
        (answer(T, O.PUT_MANIFEST, 400, "", "MANIFEST_BLOB_UNKNOWN"), Code.TARGET_UNAVAILABLE),
        (answer(T, O.FINISH, 400, "", "DIGEST_INVALID"), Code.TARGET_MISMATCH),
        # Out of order, out of reach.
        (answer(S, O.GET_BLOB, 500), Code.SOURCE_UNAVAILABLE),
        (answer(T, O.SEND, 502, "<bad gateway>"), Code.TARGET_UNAVAILABLE),
        (answer(S, O.GET_MANIFEST, 418), Code.SOURCE_UNAVAILABLE),
        (ConnectionLostError(S, "", how=Lost.CONNECT), Code.SOURCE_UNAVAILABLE),
        (ConnectionLostError(T, "", how=Lost.STALLED), Code.TARGET_UNAVAILABLE),
        (ProtocolError(S, "another range", O.GET_BLOB), Code.SOURCE_UNAVAILABLE),
        (AddressRefusedError(S, "10.0.0.1"), Code.ADDRESS_REFUSED),
        # Content.
        (ContentMismatchError(S), Code.DIGEST_MISMATCH),
        (ContentMismatchError(T), Code.TARGET_MISMATCH),
        (SizeDiffersError(S, "", size=1), Code.BAD_MANIFEST),
    ],
)
def test_what_a_no_means(error: RegistryError, code: Code) -> None:
    failure = failure_of(error)
    assert failure.code is code
    assert failure.side is error.side


def test_a_manifest_that_an_index_names_is_a_part() -> None:
    error = answer(S, O.GET_MANIFEST, 404, "", "MANIFEST_UNKNOWN")
    assert failure_of(error, Operation.GET_CHILD).code is Code.BLOB_MISSING


def test_a_failure_repeats_what_the_registry_said() -> None:
    error = refusal_of(T, O.PUT_MANIFEST, 403, {}, b'{"errors":[{"code":"DENIED","message":"no"}]}')
    assert failure_of(error).said == "HTTP 403: DENIED: no"


def test_an_untrusted_certificate_has_its_own_hint() -> None:
    assert failure_of(ConnectionLostError(T, "", how=Lost.TLS)).hint == UNTRUSTED
    assert failure_of(ConnectionLostError(T, "", how=Lost.CUT)).hint is None


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("operation", list(Operation))
@pytest.mark.parametrize("status", [300, 400, 401, 403, 404, 405, 409, 413, 415, 429, 500, 503])
def test_every_status_has_a_meaning_on_its_own_side(
    side: Side, operation: Operation, status: int
) -> None:
    other = "target" if side is Side.SOURCE else "source"
    assert other not in failure_of(answer(side, operation, status)).code


def test_which_answers_are_limits() -> None:
    assert is_rate_limit(answer(S, O.GET_BLOB, 429))
    assert is_rate_limit(answer(S, O.GET_BLOB, 403, "secondary rate limit"))
    assert is_rate_limit(AuthenticationRefusedError(S, "", status=429))
    assert not is_rate_limit(answer(S, O.GET_BLOB, 403))
    assert not is_rate_limit(ConnectionLostError(S, "too many requests"))


def test_an_error_says_its_side_and_status() -> None:
    assert str(answer(T, O.SEND, 413, "no")) == "target 413 no"
