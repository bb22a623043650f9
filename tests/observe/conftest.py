"""What Python writes for TypeScript to read: the samples in `tests/labextension/samples`."""

import json
import os
import pathlib
import re

import pytest

LABEXTENSION = pathlib.Path(__file__).parents[1] / "labextension"
CONTRACT = pathlib.Path(__file__).parents[2] / "labextension/src/contract"


@pytest.fixture
def sample():
    """sample(name, made): the file holds what is made now.  MINITF_WRITE_SAMPLES=1 writes it anew."""

    def check(name, made):
        path = LABEXTENSION / "samples" / f"{name}.json"
        if os.environ.get("MINITF_WRITE_SAMPLES"):
            path.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")
        assert json.loads(path.read_text()) == json.loads(json.dumps(made, allow_nan=False))

    return check


@pytest.fixture
def fields():
    """fields(contract, interface): the names that the TypeScript contract declares; optional ones end in `?`."""

    def read(contract, interface):
        source = (CONTRACT / f"{contract}.ts").read_text()
        body = re.search(rf"interface {interface} \{{(.*?)\n\}}", source, re.S).group(1)
        return set(re.findall(r"^  (\w+\??):", body, re.M))

    return read


@pytest.fixture
def contract():
    return lambda name: (CONTRACT / f"{name}.ts").read_text()
