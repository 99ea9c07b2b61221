"""A key pair for the JWT bearer flow, made when the simulator is started: no private key lies in the repository."""

from __future__ import annotations

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


def key_pair() -> dict[str, str]:
    """A private key for the client, and the public key that the org knows, both as PEM."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return {
        "jwt_private_key": private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        "jwt_public_key": private.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode(),
    }
