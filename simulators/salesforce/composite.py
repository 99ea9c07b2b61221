"""Several requests in one: /composite, /composite/batch and /composite/graph."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from simulators.salesforce.errors import Refusal, not_found
from simulators.salesforce.rest import Asked, Reply, query_of, wrong_method

#: FACT
MOST_SUBREQUESTS = 25
_MOST_HEAVY = 5
_MOST_NODES = 500
_REFERENCE = re.compile(r"@\{([A-Za-z]\w*)((?:\.\w+|\[\d+\])*)\}")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
_ADDRESS = re.compile(r"/?(?:services/data/)?(v\d+\.0)/(.*)", re.DOTALL)


def composite(asked: Asked) -> Reply:
    """Up to 25 requests, each of which may use what those before it have answered."""
    if asked.method != "POST":
        raise wrong_method(asked.method)
    given = asked.json_object()
    requests = _requests(given.get("compositeRequest"))
    if len(requests) > MOST_SUBREQUESTS:
        raise Refusal("LIMIT_EXCEEDED", f"The limit of {MOST_SUBREQUESTS} subrequests is exceeded")  # code ASSUMED
    if sum(map(_is_heavy, requests)) > _MOST_HEAVY:
        raise Refusal(
            "LIMIT_EXCEEDED", f"At most {_MOST_HEAVY} subrequests may be queries or sObject Collections"
        )  # code ASSUMED
    answers, _ = _all_of(asked, requests, all_or_none=given.get("allOrNone") is True)
    return Reply(200, {"compositeResponse": answers})


def _is_heavy(request: dict[str, Any]) -> bool:
    path = urlsplit(request["url"]).path
    return re.search(r"/(?:query|queryAll|search|composite/sobjects)(?:/|$)", path) is not None


def _requests(given: Any) -> list[dict[str, Any]]:
    if not isinstance(given, list) or not given:
        raise Refusal("JSON_PARSER_ERROR", "compositeRequest must be a list of subrequests")
    seen: set[str] = set()
    for one in given:
        if not isinstance(one, dict):
            raise Refusal("JSON_PARSER_ERROR", "A subrequest must be an object")
        reference = one.get("referenceId")
        if not isinstance(reference, str) or not _NAME.fullmatch(reference) or reference in seen:
            raise Refusal("INVALID_INPUT", f"Provided referenceId ('{reference}') is missing, not unique or invalid")
        if not isinstance(one.get("url"), str) or not isinstance(one.get("method"), str):
            raise Refusal("INVALID_INPUT", "A subrequest needs a method and a url")
        seen.add(reference)
    return given


def _all_of(asked: Asked, requests: list[dict[str, Any]], *, all_or_none: bool) -> tuple[list[dict[str, Any]], bool]:
    """The answers, and whether all of them were good. Without that, all_or_none undoes everything."""
    store = asked.simulator.org.store
    mark = store.mark()
    answers: list[dict[str, Any]] = []
    bodies: dict[str, Any] = {}
    failed: set[str] = set()
    for request in requests:
        reference = request["referenceId"]
        if failed and all_or_none:
            reply = _halted(asked)
        else:
            reply = _one_of(asked, request, bodies, failed, all_or_none=all_or_none)
        if reply.status >= 300 or (all_or_none and _has_failures(reply)):
            failed.add(reference)
        bodies[reference] = reply.body
        answers.append(
            {
                "body": reply.body,
                "httpHeaders": dict(reply.headers),
                "httpStatusCode": reply.status,
                "referenceId": reference,
            }
        )
    if failed and all_or_none:
        store.go_back(mark)
        halted = _halted(asked)
        for answer in answers:
            if answer["referenceId"] not in failed:
                answer |= {"body": halted.body, "httpStatusCode": halted.status, "httpHeaders": {}}
    return answers, not failed


def _has_failures(reply: Reply) -> bool:
    body = reply.body
    return isinstance(body, list) and any(isinstance(one, dict) and one.get("success") is False for one in body)


def _halted(asked: Asked) -> Reply:
    error = {
        "errorCode": asked.simulator.org.settings.rolled_back_code,
        "message": "The transaction was rolled back since another operation in the same transaction failed.",
    }
    return Reply(400, [error], error["errorCode"])


def _one_of(
    asked: Asked, request: dict[str, Any], bodies: Mapping[str, Any], failed: set[str], *, all_or_none: bool
) -> Reply:
    used = {name for name, _ in _REFERENCE.findall(repr([request["url"], request.get("body")]))}
    if used & failed:
        error = {"errorCode": "PROCESSING_HALTED", "message": "Invalid reference specified. No value could be found."}
        return Reply(400, [error], "PROCESSING_HALTED")
    try:
        address = _resolved_text(request["url"], bodies)
        is_collection = "/composite/sobjects" in address
        keeps = is_collection and not asked.simulator.org.settings.collection_references
        body = request.get("body") if keeps else _resolved(request.get("body"), bodies)
    except Refusal as refusal:
        return Reply(400, [refusal.as_error()], refusal.code)
    if is_collection and all_or_none and isinstance(body, dict):
        body = {**body, "allOrNone": True}  # FACT: the outer one counts
    inherited = asked.headers if asked.simulator.org.settings.composite_headers_inherited else {}
    own = request.get("httpHeaders")
    headers = {name: value for name, value in inherited.items() if name.lower().startswith("sforce-")} | {
        str(name).lower(): str(value) for name, value in (own if isinstance(own, dict) else {}).items()
    }
    return _sub_reply(asked, str(request["method"]), str(address), headers, body)


def _sub_reply(asked: Asked, method: str, address: str, headers: Mapping[str, str], body: Any) -> Reply:
    path, _, query = address.partition("?")
    match = _ADDRESS.fullmatch(path)
    if match is None:
        refusal = not_found()
        return Reply(404, [refusal.as_error()], refusal.code)
    parts = tuple(unquote(part) for part in match[2].rstrip("/").split("/"))
    sub = Asked(asked.simulator, method.upper(), parts, match[1], query_of(query), headers, body, asked.user)
    if parts[0] == "composite" and parts[1:2] != ("sobjects",):
        refusal = Refusal("INVALID_INPUT", "This resource cannot be a subrequest")
        return Reply(400, [refusal.as_error()], refusal.code)
    return asked.simulator.reply(sub)


def _resolved(value: Any, bodies: Mapping[str, Any]) -> Any:
    """The value with every @{reference.path} replaced by what has been answered there."""
    if isinstance(value, dict):
        return {name: _resolved(one, bodies) for name, one in value.items()}
    if isinstance(value, list):
        return [_resolved(one, bodies) for one in value]
    return _resolved_text(value, bodies) if isinstance(value, str) else value


def _resolved_text(text: str, bodies: Mapping[str, Any]) -> Any:
    whole = _REFERENCE.fullmatch(text)
    if whole:
        return _looked_up(whole, bodies)
    return _REFERENCE.sub(lambda match: str(_looked_up(match, bodies)), text)


def _looked_up(match: re.Match[str], bodies: Mapping[str, Any]) -> Any:
    name, path = match.groups()
    missing = Refusal("PROCESSING_HALTED", f"Invalid reference specified. No value for {match[0]} found.")
    if name not in bodies:
        raise missing
    value = bodies[name]
    for key, index in _STEP.findall(path):
        try:
            value = value[key] if key else value[int(index)]
        except (KeyError, IndexError, TypeError):
            raise missing from None
    return value


# batches


def batch(asked: Asked) -> Reply:
    """Up to 25 requests that know nothing of each other."""
    if asked.method != "POST":
        raise wrong_method(asked.method)
    given = asked.json_object()
    requests = given.get("batchRequests")
    if not isinstance(requests, list) or not all(isinstance(one, dict) for one in requests):
        raise Refusal("JSON_PARSER_ERROR", "batchRequests must be a list of subrequests")
    if len(requests) > MOST_SUBREQUESTS:
        raise Refusal("LIMIT_EXCEEDED", f"The limit of {MOST_SUBREQUESTS} subrequests is exceeded")  # code ASSUMED
    results: list[dict[str, Any]] = []
    failed = False
    for request in requests:
        if failed and given.get("haltOnError") is True:
            error = {"errorCode": "BATCH_PROCESSING_HALTED", "message": "Batch processing halted per request"}
            results.append({"statusCode": 412, "result": [error]})
            continue
        reply = _sub_reply(
            asked,
            str(request.get("method", "GET")),
            str(request.get("url", "")),
            asked.headers,
            request.get("richInput"),
        )
        failed = failed or reply.status >= 400
        results.append({"statusCode": reply.status, "result": reply.body})
    return Reply(200, {"hasErrors": failed, "results": results})


# graphs


def graph(asked: Asked) -> Reply:
    """Composites side by side, each all or none, with up to 500 requests together."""
    if asked.method != "POST":
        raise wrong_method(asked.method)
    graphs = asked.json_object().get("graphs")
    if not isinstance(graphs, list) or not all(isinstance(one, dict) for one in graphs):
        raise Refusal("JSON_PARSER_ERROR", "graphs must be a list of graphs")
    requests = [_requests(one.get("compositeRequest")) for one in graphs]
    if sum(map(len, requests)) > _MOST_NODES:
        raise Refusal("LIMIT_EXCEEDED", f"The limit of {_MOST_NODES} nodes is exceeded")  # code ASSUMED
    results = []
    for one, own in zip(graphs, requests, strict=True):
        answers, good = _all_of(asked, own, all_or_none=True)
        results.append(
            {
                "graphId": one.get("graphId"),
                "graphResponse": {"compositeResponse": answers},
                "isSuccessful": good,
            }
        )
    return Reply(200, {"graphs": results})
