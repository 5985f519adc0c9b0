"""What may be answered to anything: never 5xx, and for every refusal of ours a problem document."""

import json

from superwizja.chaos.badinputs.request import Request
from superwizja.chaos.badinputs.wire import Answer

PROBLEM = "urn:superwizja:problem:"


def of_ours(answer: Answer) -> bool:
    """Whether a service answered; what is no HTTP the gateway refuses by itself."""
    return "caddy" in answer.headers.get("via", "").lower()


def kind_of(answer: Answer) -> str:
    """The class under which an answer is counted."""
    if answer.status <= 0:
        return "none"
    own = "" if of_ours(answer) else "gateway "
    return f"{own}{answer.status}" if answer.status >= 400 else f"{own}{answer.status // 100}xx"


def wrong_with(request: Request, answer: Answer) -> str | None:
    """What is wrong with an answer; None where nothing is."""
    if answer.status == -1:
        return "no answer in time"
    if answer.status == 0:
        return None if request.odd else "closed without an answer"
    if answer.status >= 500:
        return f"answered {answer.status}"
    if answer.status < 400 or not of_ours(answer) or request.method in ("HEAD", "CONNECT") or request.operation.page:
        return None
    return _wrong_with_problem(answer)


def _wrong_with_problem(answer: Answer) -> str | None:
    if answer.headers.get("content-type", "").partition(";")[0] != "application/problem+json":
        return f"{answer.status} is no problem document"
    try:
        problem = json.loads(answer.body)
    except ValueError:
        return f"{answer.status} is no JSON"
    if not str(problem.get("type", "")).startswith(PROBLEM) or not problem.get("title") or not problem.get("detail"):
        return f"{answer.status} lacks type, title or detail"
    if problem.get("status") != answer.status:
        return f"{answer.status} says that it is {problem.get('status')}"
    if answer.status == 422:
        errors = problem.get("errors")
        if not errors or not all(error.get("field") and error.get("message") for error in errors):
            return "422 names no field"
    return None
