"""The OpenAPI document against the running application, with every role and with none (schemathesis).

Whatever is sent, fitting or not: no fault of the server, no status and no shape that the document does not name, and
nothing to be read or done without a right.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import openapi_document
from tests.api.test_rights import OPEN, every
from tests.e2e.desk.served import Served, served
from waspada.access import Role
from waspada.access.policy import RIGHTS

EXAMPLES = 12
MANY_EXAMPLES = 50
_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
_OPERATIONS = [
    one.ok()  # type: ignore[union-attr]  # of one that does not fit its own rules this raises, which says so
    for one in schemathesis.openapi.from_dict(openapi_document()).get_all_operations()
]
#: What an address has to name to reach something of the sample store.
_KNOWN = {"source_id": "warta-intan", "code": "63", "name": "somebody-1"}
#: A stream has no end to wait for; it has tests of its own.
_STREAMS = {"/api/v1/alerts/stream"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("desk")) as running:
        running.token(Role.OPERATOR, _KNOWN["name"])
        yield running


@pytest.fixture
def tokens(desk: Served) -> dict[Role | None, str]:
    """A token of each role, of a new account for each test: one of them ends tokens, another one closes accounts.

    Of nobody there is none.
    """
    mark = secrets.token_hex(4)
    return {None: ""} | {role: desk.token(role, f"{role.value}-{mark}") for role in Role}


@pytest.mark.parametrize("operation", _OPERATIONS, ids=lambda one: one.label)
def test_the_document_holds(desk: Served, tokens: dict[Role | None, str], operation: Any) -> None:
    _search(desk, tokens, operation, EXAMPLES)


@pytest.mark.full
@pytest.mark.parametrize("operation", _OPERATIONS, ids=lambda one: one.label)
def test_the_document_holds_in_a_long_search(desk: Served, tokens: dict[Role | None, str], operation: Any) -> None:
    _search(desk, tokens, operation, MANY_EXAMPLES)


def _search(desk: Served, tokens: dict[Role | None, str], operation: Any, examples: int) -> None:
    if operation.path in _STREAMS:
        pytest.skip("not run: a stream has no end")
    method, path = operation.method.upper(), operation.path
    is_open = (method, path) in OPEN
    needed = {(one.method, one.path): one.action for one in every(desk.app)}[method, path]
    names = {one.name for one in operation.path_parameters}
    known = {name: _KNOWN.get(name, "1") for name in names}
    cases = [operation.as_strategy()]
    if known:
        cases.append(operation.as_strategy(path_parameters=known))
    if _has_input(operation):
        cases.append(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))

    @settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(cases), st.sampled_from(sorted(tokens, key=str)))
    def search(case: Any, role: Role | None) -> None:
        case.headers = {name: value for name, value in (case.headers or {}).items() if name.lower() != "authorization"}
        headers = {"Authorization": f"Bearer {tokens[role]}"} if role is not None else {}
        answer = case.call(base_url=desk.base, headers=headers, timeout=60, allow_redirects=False)
        case.validate_response(answer, checks=_CHECKS)
        if is_open:
            return
        if role is None:
            assert answer.status_code in (401, 400, 413, 422), answer.status_code
        elif needed not in RIGHTS[role]:
            assert answer.status_code in (403, 400, 413, 422), answer.status_code

    search()


def _has_input(operation: Any) -> bool:
    return bool(operation.path_parameters or operation.query or operation.body)
