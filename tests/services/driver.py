"""Conversations with a loopback service, without the transport of the package."""

import urllib.error
import urllib.request
from email.utils import parsedate_to_datetime

from healthindicators.protocols import Reply

MOST = 500
"""A conversation of more requests goes round in circles."""


def send(request):
    """Return status, headers and body of one request."""
    body = request.body.encode() if request.method == "POST" else None
    asked = urllib.request.Request(
        request.url, body, {"Content-Type": "application/json"}, method=request.method
    )
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def converse(protocol, ask, *, wait=None, answered=None):
    """Return all answers of a conversation; `wait` is called with what Retry-After says."""
    answered = dict(answered or {})
    for _ in range(MOST):
        open_ = [request for request in protocol.requests(ask, answered) if request not in answered]
        if not open_:
            return answered
        status, headers, body = send(open_[0])
        if status == 429:
            assert wait is not None, "the service was asked too often"
            wait(retry_after(headers["Retry-After"]))
            continue
        answered[open_[0]] = Reply(body, status, headers.get("Content-Type", ""))
    raise AssertionError("the conversation does not end")


def retry_after(text):
    """Return seconds, or the moment until which to wait."""
    return float(text) if text.isdigit() else parsedate_to_datetime(text)
