"""Every refusal over HTTP is a problem document (RFC 9457), in the language that was asked for."""

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from chassis.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Says
from chassis.web.messages import BY_STATUS, field_message, language_of

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"

MOST_ERRORS = 100
"""Wrong fields that an answer names: a body can hold a hundred thousand, and the answer would be larger than it."""

STATUS: dict[type[DomainError], int] = {NotFound: 404, Forbidden: 403, Conflict: 409, Invalid: 422}


class Unauthenticated(DomainError):
    """The request has no token that we trust."""

    says = Says(
        "Brak ważnego tokenu. Zaloguj się i wyślij token w nagłówku Authorization: Bearer.",
        "No valid token. Sign in and send the token in the header Authorization: Bearer.",
    )


class Unavailable(DomainError):
    """A server that the request needs is away."""

    says = Says("Usługa jest chwilowo niedostępna. Spróbuj ponownie.", "The service is away for the moment. Try again.")


STATUS |= {Unauthenticated: 401, Unavailable: 503}


def problem(
    request: Request, status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **more: object
) -> JSONResponse:
    """A problem document: `type` is stable, `title` tells the kind, `detail` what to do."""
    language = language_of(request)
    body = {
        "type": f"urn:superwizja:problem:{code}",
        "title": getattr(BY_STATUS[status], language),
        "status": status,
        "detail": detail,
        **{name: value for name, value in more.items() if value is not None},
    }
    return JSONResponse(body, status, {"Content-Language": language, **(headers or {})}, MEDIA_TYPE)


def of_domain(request: Request, error: Exception) -> JSONResponse:
    """A domain's refusal: 404, 403, 409 or 422 with its ground and details."""
    assert isinstance(error, DomainError)
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    detail = error.text(language_of(request))
    errors = [{"field": error.field, "message": detail}] if isinstance(error, Invalid) else None
    headers = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "1"}}.get(status)
    details = {name: str(value) if not isinstance(value, int) else value for name, value in error.details.items()}
    return problem(
        request,
        status,
        error.code(),
        detail,
        headers=headers,
        ground=error.ground,
        details=details or None,
        errors=errors,
    )


def of_validation(request: Request, error: Exception) -> JSONResponse:
    """A request that does not fit: 400 when it is not even JSON, else 422 naming each field."""
    assert isinstance(error, RequestValidationError)
    language = language_of(request)
    found = error.errors()
    if any(each["type"] == "json_invalid" for each in found):
        text = Says("Treść żądania nie jest poprawnym JSON-em.", "The body of the request is not valid JSON.")
        return problem(request, 400, "unparsable", getattr(text, language))
    errors = [
        {
            "field": ".".join(str(part) for part in each["loc"][1:]) or str(each["loc"][0]),
            "message": field_message(each, language),
        }
        for each in found[:MOST_ERRORS]
    ]
    text = Says("Popraw wskazane pola i wyślij ponownie.", "Correct the fields named and send again.")
    return problem(request, 422, "invalid-fields", getattr(text, language), errors=errors)


def of_http(request: Request, error: Exception) -> JSONResponse:
    """What the framework refuses: no such path, a method not allowed, a body too large."""
    assert isinstance(error, HTTPException)
    status = error.status_code if error.status_code in BY_STATUS else 400
    code = {404: "no-such-path", 405: "method-not-allowed", 413: "body-too-large", 400: "unparsable"}.get(
        status, "refused"
    )
    return problem(
        request, status, code, getattr(BY_STATUS[status], language_of(request)), headers=dict(error.headers or {})
    )


def of_leaving(request: Request, error: Exception) -> JSONResponse:
    """The client left before its request was whole: nobody reads this, and it is no defect of ours."""
    return problem(request, 400, "unparsable", getattr(BY_STATUS[400], language_of(request)))


def of_defect(request: Request, error: Exception) -> JSONResponse:
    """A defect of ours: logged with its trace, told without it."""
    log.error("defect", path=request.scope.get("path"), exc_info=error)
    return problem(request, 500, "defect", getattr(BY_STATUS[500], language_of(request)))


def install(app: FastAPI) -> None:
    """Map every kind of error once."""
    app.add_exception_handler(DomainError, of_domain)
    app.add_exception_handler(RequestValidationError, of_validation)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(ClientDisconnect, of_leaving)
    app.add_exception_handler(Exception, of_defect)


def problems(*statuses: int) -> dict[int | str, dict[str, object]]:
    """The problem documents that an operation may answer with, for its description."""
    schema = {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "ground": {"type": "string"},
            "errors": {
                "type": "array",
                "items": {"type": "object", "properties": {"field": {"type": "string"}, "message": {"type": "string"}}},
            },
        },
    }
    every = {400, 401, 413, 422, 503, *statuses}
    return {
        status: {"description": BY_STATUS[status].en, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in sorted(every)
    }
