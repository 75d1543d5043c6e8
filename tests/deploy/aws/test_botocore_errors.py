"""Every error class of botocore has its place: it has a sentence, or a reason why none is needed.

A class that a newer botocore brings is in neither, and fails here until it is placed.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from string import Formatter

import botocore
import pytest
from botocore import exceptions as botocore_errors
from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import explain

OUR_FAULT = "an argument that s3link passes; the operator cannot put it right"
NO_USE = "of a part of botocore that s3link does not use"
ONLY_BASE = "a base class; those below it have a sentence"
TESTS = "of botocore's stubs, for tests"
MODELS = "a fault in botocore's own descriptions of services"
INTERNAL = "caught inside botocore"
HAS_OWN = "an error of AWS's answer, told by its code in test_explain.py"

WITHOUT_SENTENCE = {
    "BotoCoreError": ONLY_BASE,
    "ValidationError": OUR_FAULT,
    "ParamValidationError": OUR_FAULT,
    "MissingParametersError": OUR_FAULT,
    "UnknownKeyError": OUR_FAULT,
    "RangeError": OUR_FAULT,
    "UnknownParameterError": OUR_FAULT,
    "AliasConflictParameterError": OUR_FAULT,
    "InvalidDNSNameError": OUR_FAULT,
    "OperationNotPageableError": OUR_FAULT,
    "UnknownClientMethodError": OUR_FAULT,
    "UnseekableStreamError": OUR_FAULT,
    "InvalidExpressionError": OUR_FAULT,
    "AwsChunkedWrapperError": OUR_FAULT,
    "UnknownServiceStyle": NO_USE,
    "UnknownTokenProviderError": NO_USE,
    "UnknownCredentialError": NO_USE,
    "WaiterError": NO_USE,
    "WaiterConfigError": NO_USE,
    "UnsupportedS3ArnError": NO_USE,
    "UnsupportedS3ControlArnError": NO_USE,
    "UnsupportedOutpostResourceError": NO_USE,
    "UnsupportedS3AccesspointConfigurationError": NO_USE,
    "UnsupportedS3ControlConfigurationError": NO_USE,
    "EndpointDiscoveryException": NO_USE,
    "EndpointDiscoveryRequired": NO_USE,
    "EndpointDiscoveryRefreshFailed": NO_USE,
    "EventStreamError": NO_USE,
    "ParserError": NO_USE,
    "DuplicateHeader": NO_USE,
    "InvalidHeadersLength": NO_USE,
    "InvalidPayloadLength": NO_USE,
    "ChecksumMismatch": NO_USE,
    "NoInitialResponseError": NO_USE,
    "InvalidArnException": OUR_FAULT,
    "StubResponseError": TESTS,
    "StubAssertionError": TESTS,
    "UnStubbedResponseError": TESTS,
    "UndefinedModelAttributeError": MODELS,
    "MissingServiceIdError": MODELS,
    "UnsupportedServiceProtocolsError": MODELS,
    "NoShapeFoundError": MODELS,
    "InvalidShapeError": MODELS,
    "OperationNotFoundError": MODELS,
    "InvalidShapeReferenceError": MODELS,
    "UnsupportedTLSVersionWarning": "a warning",
    "ImminentRemovalWarning": "a warning",
    "_RetriesExceededError": INTERNAL,
    "BadIMDSRequestError": INTERNAL,
    "ClientError": HAS_OWN,
}


def classes_of_botocore() -> Iterator[type[BaseException]]:
    """The exceptions that botocore's modules define, its copies of other libraries left out."""
    for module in pkgutil.iter_modules(botocore.__path__, "botocore."):
        if module.name in ("botocore.vendored", "botocore.stub"):
            continue
        for _, found in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(found, BaseException) and found.__module__ == module.name:
                yield found


def example_of(kind: type[BaseException]) -> BaseException:
    """An error as botocore makes it, with a word for each of the arguments of its sentence."""
    if not issubclass(kind, BotoCoreError):
        return kind("Unable to parse response")
    fields = {name: f"some-{name}" for _, name, _, _ in Formatter().parse(kind.fmt) if name}
    if kind is botocore_errors.WaiterError:
        return kind("some-name", "some-reason", {})
    return kind(**fields)


ALL = sorted(set(classes_of_botocore()), key=lambda kind: kind.__name__)


@pytest.mark.parametrize(
    "kind", [one for one in ALL if one.__name__ not in WITHOUT_SENTENCE], ids=lambda k: k.__name__
)
def test_a_class_has_a_sentence(kind: type[BaseException]) -> None:
    """One sentence that says what to do, where botocore's own would only say what it met."""
    sentence = str(explain(example_of(kind)))

    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "; " in sentence  # what to do stands behind it


def test_what_has_no_sentence_is_still_there_and_has_none() -> None:
    """A reason holds for a class that botocore has, and that we have no sentence for."""
    names = {kind.__name__: kind for kind in ALL}
    gone = set(WITHOUT_SENTENCE) - set(names)
    errors = {name: kind for name, kind in names.items() if issubclass(kind, BotoCoreError)}
    explained = {name for name in errors if explain(example_of(errors[name])) is not None}

    assert gone == set()
    assert explained & set(WITHOUT_SENTENCE) == set()


def test_an_answer_of_aws_is_told_by_its_code() -> None:
    """The class says nothing of what went wrong; an unknown code passes on."""
    assert explain(ClientError({"Error": {"Code": "New"}}, "PutObject")) is None
