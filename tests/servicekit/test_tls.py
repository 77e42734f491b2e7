"""Mutual TLS between services, with an authority of our own made for the test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from grpc_health.v1 import health_pb2, health_pb2_grpc

from servicekit.channels import open_channel
from servicekit.lifecycle import GrpcServer
from servicekit.settings import ServiceSettings
from servicekit.telemetry import Telemetry
from servicekit.tls import Tls, TlsRefused

pytestmark = pytest.mark.integration

_SERVICE = "shop.v1.ShopService"


class Authority:
    """Signs certificates and writes them to a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name, self._key = folder, name, ec.generate_private_key(ec.SECP256R1())
        self._certificate = self._sign(name, self._key, x509.BasicConstraints(ca=True, path_length=0))
        self.file = self._write(f"{name}.crt", self._certificate.public_bytes(serialization.Encoding.PEM))

    def identity(self, host: str = "127.0.0.1") -> dict[str, Path]:
        """Settings of a service that others dial as `host`."""
        key = ec.generate_private_key(ec.SECP256R1())
        named = x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
        certificate = self._sign(host, key, x509.SubjectAlternativeName([named]))
        encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        pem = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
        return {
            "tls_certificate": self._write(f"{self._name}-{host}.crt", certificate.public_bytes(encoding)),
            "tls_key": self._write(f"{self._name}-{host}.key", pem),
            "tls_authority": self.file,
        }

    def _sign(self, name: str, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType) -> x509.Certificate:
        def named(text: str) -> x509.Name:
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder(named(self._name), named(name), key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(extension, critical=True)
            .sign(self._key, hashes.SHA256())
        )

    def _write(self, name: str, pem: bytes) -> Path:
        path = self._folder / name
        path.write_bytes(pem)
        return path


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ours")


@pytest.fixture
async def server(authority: Authority) -> AsyncIterator[GrpcServer]:
    """One that wants certificates, and tells its health without."""
    settings = ServiceSettings(drain_s=0, health_listen="127.0.0.1:0", **authority.identity())
    made = GrpcServer(settings, Telemetry.create("shop", settings), [_SERVICE])
    await made.start()
    await made.set_serving(True)
    yield made
    await made.stop()


async def _asked(channel: grpc.aio.Channel) -> int:
    """What the server says of itself.

    Raises:
        grpc.aio.AioRpcError: It could not be asked.
    """
    async with channel:
        stub = health_pb2_grpc.HealthStub(channel)
        status: int = (await stub.Check(health_pb2.HealthCheckRequest(service=_SERVICE), timeout=5)).status
        return status


def _channel(port: int, **identity: Path) -> grpc.aio.Channel:
    settings = ServiceSettings(**identity)
    return open_channel(f"127.0.0.1:{port}", Telemetry.create("caller", settings), Tls.of(settings), retry=False)


async def test_services_of_one_authority_speak(server: GrpcServer, authority: Authority) -> None:
    """Both show a certificate."""
    assert await _asked(_channel(server.port, **authority.identity())) == health_pb2.HealthCheckResponse.SERVING


async def test_others_are_not_let_in(server: GrpcServer, authority: Authority, tmp_path: Path) -> None:
    """Not plainly, not with TLS alone, and not with a certificate of somebody else's."""
    foreign = Authority(tmp_path, "theirs").identity() | {"tls_authority": authority.file}
    trusting = grpc.ssl_channel_credentials(authority.file.read_bytes())
    for channel in (
        _channel(server.port),
        grpc.aio.secure_channel(f"127.0.0.1:{server.port}", trusting),
        _channel(server.port, **foreign),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await _asked(channel)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_server_under_another_name_is_not_spoken_to(authority: Authority) -> None:
    """Its certificate must name the host that was dialled: any pod with a certificate is not every pod."""
    settings = ServiceSettings(drain_s=0, **authority.identity("recommender.shop.svc"))
    impostor = GrpcServer(settings, Telemetry.create("shop", settings), [_SERVICE])
    await impostor.start()
    with pytest.raises(grpc.aio.AioRpcError):
        await _asked(_channel(impostor.port, **authority.identity()))
    await impostor.stop()


async def test_probes_need_no_certificate(server: GrpcServer) -> None:
    """Kubernetes asks for gRPC health without TLS; it finds that and nothing else."""
    assert await _asked(_channel(server.health_port)) == health_pb2.HealthCheckResponse.SERVING
    async with _channel(server.health_port) as channel:
        reflection = channel.unary_unary("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await reflection(b"", timeout=5)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def _without_key(files: dict[str, Path]) -> dict[str, Path]:
    return {name: path for name, path in files.items() if name != "tls_key"}


def _lost(files: dict[str, Path]) -> dict[str, Path]:
    return files | {"tls_key": files["tls_key"].with_name("nowhere.key")}


def _swapped(files: dict[str, Path]) -> dict[str, Path]:
    return files | {"tls_key": files["tls_certificate"]}


def _empty(files: dict[str, Path]) -> dict[str, Path]:
    empty = files["tls_authority"].with_name("empty.crt")
    empty.touch()
    return files | {"tls_authority": empty}


@pytest.mark.parametrize(
    ("changed", "told"),
    [(_without_key, "all three"), (_lost, "nowhere.key"), (_swapped, "no certificate"), (_empty, "no certificate")],
)
def test_half_an_identity_is_refused_at_the_start(
    authority: Authority, changed: Callable[[dict[str, Path]], dict[str, Path]], told: str
) -> None:
    """With the reason, and without what stands in the files."""
    with pytest.raises(TlsRefused, match=told):
        Tls.of(ServiceSettings(**changed(authority.identity())))


def test_an_empty_variable_takes_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that one service can be left out of what the shared variables say."""
    monkeypatch.setenv("STICKERDESK_TLS_CERTIFICATE", "/somewhere/tls.crt")
    monkeypatch.setenv("STICKERDESK_SERVICE_TLS_CERTIFICATE", "")
    assert Tls.of(ServiceSettings()) is None
