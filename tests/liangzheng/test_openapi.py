"""The OpenAPI description is true to the conformance server: schemathesis tries requests that it allows, and others."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    command = [sys.executable, "-m", "liangzheng", "serve", "conformance", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
            assert found is not None
            yield found[0]
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)


def test_answers_are_as_described(base_url: str) -> None:
    schema = schemathesis.openapi.from_url(base_url + "/openapi.json")
    tried = []
    for result in schema.get_all_operations():
        operation = result.ok()  # type: ignore[union-attr]
        tried.append(operation.label)

        @settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def answers(case: Any) -> None:
            case.call_and_validate(base_url=base_url, checks=CHECKS)

        answers()
    assert len(tried) == 9
