"""An OpenID Connect provider that signs tokens as a Kubernetes cluster does, for a gateway that asks it for its certificate."""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import subprocess
import threading
import time
from pathlib import Path


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class IdentityProvider:
    """The provider; `fingerprint` is its certificate's, by which a store trusts it."""

    def __init__(self, folder: Path):
        self.key, certificate = folder / "provider.key", folder / "provider.pem"
        new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=provider"]
        subprocess.run([*new, "-keyout", self.key, "-out", certificate], check=True, capture_output=True)
        text = "".join(certificate.read_text().splitlines()[1:-1])
        self.fingerprint = hashlib.sha1(base64.b64decode(text)).hexdigest().upper()
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.endswith("openid-configuration"):
                    answer = {"issuer": provider.url, "jwks_uri": provider.url + "/certs"}
                else:
                    answer = {"keys": [{"kid": "1", "kty": "RSA", "alg": "RS256", "use": "sig", "x5c": [text]}]}
                body = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.name = f"127.0.0.1:{self.server.server_address[1]}"
        self.url = f"http://{self.name}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def token(self, audience: str, lifetime: int = 600) -> str:
        now = int(time.time())
        header = {"alg": "RS256", "typ": "JWT", "kid": "1"}
        claims = {
            "iss": self.url,
            "aud": audience,
            "sub": "system:serviceaccount:airflow:corrparse",
            "iat": now,
            "exp": now + lifetime,
        }
        text = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(claims).encode())}"
        signing = ["openssl", "dgst", "-sha256", "-sign", self.key]
        signature = subprocess.run(signing, input=text.encode(), check=True, capture_output=True).stdout
        return f"{text}.{encoded(signature)}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
