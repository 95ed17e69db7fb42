"""What every request to a console has in common: a bounded body in, one JSON object out."""

from typing import TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from foedus.limits import CONSOLE_BODY_BYTES_MAX

Asked = TypeVar("Asked", bound=msgspec.Struct)


class Refusal(msgspec.Struct, frozen=True):
    """Why nothing was done, in one sentence."""

    error: str


class _BodyTooLargeError(Exception):
    """The request carries more than any that a person makes here."""


def answer(value: msgspec.Struct, status_code: int = 200) -> Response:
    """A struct as JSON."""
    return Response(msgspec.json.encode(value), status_code=status_code, media_type="application/json")


def refuse(sentence: str, status_code: int) -> Response:
    """A refusal as JSON."""
    return answer(Refusal(sentence), status_code)


async def read_asked(request: Request, kind: type[Asked], expected: str) -> Asked | Response:
    """What a person asks, or the answer that says what is wrong with it."""
    try:
        return msgspec.json.decode(await _read_body(request), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return refuse(f"{expected}: {error}", 400)
    except ClientDisconnect:
        return Response(status_code=400)
    except _BodyTooLargeError:
        return refuse(f"expected a body of at most {CONSOLE_BODY_BYTES_MAX} bytes", 413)


async def _read_body(request: Request) -> bytes:
    """The body of a request, refused once it is longer than a person's may be."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > CONSOLE_BODY_BYTES_MAX:
            raise _BodyTooLargeError
    return body
