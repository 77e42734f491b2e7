"""Mutual TLS between services: each shows a certificate of one authority and accepts only such."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self

import grpc

from servicekit.settings import ServiceSettings, SettingRefused


class TlsRefused(SettingRefused):
    """What TLS_CERTIFICATE, TLS_KEY and TLS_AUTHORITY name is no identity of a service."""

    variable: ClassVar[str] = "TLS_CERTIFICATE, _TLS_KEY, _TLS_AUTHORITY"


@dataclass(frozen=True)
class Tls:
    """Who a service is, and whom it trusts. All in PEM.

    Attributes:
        certificate: Its certificate and those between it and the authority; it names the hosts that callers dial.
        key: The certificate's private key.
        authority: Certificates of the authority that the other side's must come from.
    """

    certificate: bytes
    key: bytes = field(repr=False)
    authority: bytes

    @classmethod
    def of(cls, settings: ServiceSettings) -> Self | None:
        """What the settings name; None where they name nothing, and services speak plainly.

        Raises:
            TlsRefused: Only some of the three are set, one cannot be read, or key and certificate do not match.
        """
        paths = (settings.tls_certificate, settings.tls_key, settings.tls_authority)
        if not any(paths):
            return None
        certificate, key, authority = paths
        if certificate is None or key is None or authority is None:
            raise TlsRefused("set all three, or none")
        try:
            _check(certificate, key, authority)
            return cls(certificate.read_bytes(), key.read_bytes(), authority.read_bytes())
        except ssl.SSLError as error:
            raise TlsRefused(f"no certificate with its key and its authority: {error.reason or error}") from error
        except OSError as error:
            raise TlsRefused(f"{error.filename}: {error.strerror}") from error

    @property
    def serving(self) -> grpc.ServerCredentials:
        """For a server that lets nobody in without a certificate of the authority."""
        return grpc.ssl_server_credentials([(self.key, self.certificate)], self.authority, require_client_auth=True)

    @property
    def calling(self) -> grpc.ChannelCredentials:
        """For a channel to such a server."""
        return grpc.ssl_channel_credentials(self.authority, self.key, self.certificate)


def _check(certificate: Path, key: Path, authority: Path) -> None:
    """Fails at the start: gRPC takes any bytes and fails at the first call."""
    for path in (certificate, key, authority):
        path.open("rb").close()  # ssl's own error names no file
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key, password=b"")  # an encrypted key is refused instead of asked about
    context.load_verify_locations(authority)
