"""Folders on every kind of storage, for tests that ask for `folder`."""

import uuid

import pytest

from tests.checkpoint import servers

KINDS = ("local", "memory", "s3", "gs", "webhdfs")


@pytest.fixture(scope="session")
def s3_server():
    with servers.s3() as address:
        yield address


@pytest.fixture(scope="session")
def google_server():
    with servers.google() as address:
        yield address


@pytest.fixture
def hdfs_server(tmp_path):
    with servers.webhdfs(tmp_path) as server:
        yield server


@pytest.fixture
def s3_folder(request, monkeypatch):
    pytest.importorskip("s3fs")
    pytest.importorskip("moto")
    monkeypatch.setenv("AWS_ENDPOINT_URL", request.getfixturevalue("s3_server"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "student")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    import s3fs

    system = s3fs.S3FileSystem()
    if not system.exists("bucket"):
        system.mkdir("bucket")
    return f"s3://bucket/{uuid.uuid4().hex}"


@pytest.fixture
def gs_folder(request, monkeypatch):
    monkeypatch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")  # else it waits a minute for gRPC
    pytest.importorskip("gcsfs")
    pytest.importorskip("gcp_storage_emulator")
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", request.getfixturevalue("google_server"))
    return f"gs://bucket/{uuid.uuid4().hex}"


@pytest.fixture
def webhdfs_folder(hdfs_server):
    return f"webhdfs://127.0.0.1:{hdfs_server.port}/runs/{uuid.uuid4().hex}"


@pytest.fixture
def memory_folder():
    import fsspec

    yield f"memory://{uuid.uuid4().hex}"
    fsspec.filesystem("memory").store.clear()


@pytest.fixture
def local_folder(tmp_path):
    return str(tmp_path / "folder")


@pytest.fixture(params=KINDS)
def folder(request):
    """A folder that is not there yet, on each storage."""
    pytest.importorskip("fsspec")
    return request.getfixturevalue(f"{request.param}_folder")
