#!/usr/bin/env python3
"""api_tls_test.py - the HTTP API over TLS, with a certificate made for the test, and what is refused.

    python3 tests/integration/api_tls_test.py
"""
import http.client
import json
import pathlib
import shutil
import ssl
import subprocess
import sys
import urllib.parse
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from stack import Failed, Stack, end_with, expect, run_tests  # noqa: E402


def certificate(stack, name):
    cert, key = stack.dir / f"{name}.crt", stack.dir / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=cartage test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
                   check=True, capture_output=True)
    return str(cert), str(key)


def asked(stack, context):
    where = urllib.parse.urlsplit(stack.url)
    line = http.client.HTTPSConnection(where.hostname, where.port, context=context, timeout=20)
    line.request("GET", "/v1/me", headers={"Authorization": f"Bearer {stack.token()}"})
    answer = line.getresponse()
    return json.loads(answer.read()), line.sock.version()


def it_speaks_tls(stack):
    expect(stack.url.startswith("https://127.0.0.1:"), f"its address is {stack.url}")
    answer, version = asked(stack, ssl.create_default_context(cafile=stack.env["CARTAGE_TLS_CERT_FILE"]))
    expect(answer == {"name": "admin", "role": "admin"} and version == "TLSv1.3", f"{answer} over {version}")


def a_stranger_is_not_trusted(stack):
    try:
        asked(stack, ssl.create_default_context())
    except ssl.SSLCertVerificationError:
        return
    raise Failed("a certificate of nobody was trusted")


def a_renewed_certificate_is_shown(stack):
    """The certificate is exchanged, then its key; what does not go together is not shown. Nothing is started again."""
    cert, key = stack.env["CARTAGE_TLS_CERT_FILE"], stack.env["CARTAGE_TLS_KEY_FILE"]
    usual = [pathlib.Path(path).read_bytes() for path in (cert, key)]
    new_cert, new_key = certificate(stack, "renewed")
    first = ssl.create_default_context(cadata=usual[0].decode())
    second = ssl.create_default_context(cafile=new_cert)
    line = http.client.HTTPSConnection(urllib.parse.urlsplit(stack.url).netloc, context=first, timeout=20)
    line.connect()
    shutil.copy(new_cert, cert)
    asked(stack, first)
    shutil.copy(new_key, key)
    expect(asked(stack, second)[0]["name"] == "admin", "the new one is not shown")
    line.request("GET", "/v1/health")
    expect(line.getresponse().status == 200, "a connection from before was cut")
    pathlib.Path(cert).write_text("half of a cert")
    asked(stack, second)
    said = (stack.dir / "producer-0.log").read_text()
    expect(said.count("api.certificate_kept") == 2 and said.count("api.certificate_renewed") == 1, said[-2000:])
    expect("PRIVATE" not in said, "it prints the key")
    for path, content in zip((cert, key), usual):
        pathlib.Path(path).write_bytes(content)
    asked(stack, first)


def old_versions_are_refused(stack):
    context = ssl.create_default_context(cafile=stack.env["CARTAGE_TLS_CERT_FILE"])
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # we would speak it; it is the producer that must not
    with warnings.catch_warnings(action="ignore"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        asked(stack, context)
    except (ssl.SSLError, ConnectionError):
        return
    raise Failed("TLS 1.1 was spoken")


def plain_http_gets_nothing(stack):
    where = urllib.parse.urlsplit(stack.url)
    line = http.client.HTTPConnection(where.hostname, where.port, timeout=20)
    try:
        line.request("GET", "/v1/health")
        status = line.getresponse().status
    except (http.client.HTTPException, ConnectionError):
        return
    raise Failed(f"plain HTTP was answered with {status}")


def the_command_line_trusts_what_it_is_told_to(stack):
    done = stack.cli("me", check=False, json_out=False)
    expect(done.returncode == 1 and "--ca-file" in done.stderr, f"without a trusted certificate: {done.returncode} {done.stderr}")
    me = stack.cli("me", "--ca-file", stack.env["CARTAGE_TLS_CERT_FILE"])
    expect(me == {"name": "admin", "role": "admin"}, f"it answered {me}")


def what_is_wrong_is_said_at_the_start(stack):
    other = certificate(stack, "other")
    nothing = stack.dir / "nothing.pem"
    nothing.write_text("no certificate\n")
    good = stack.env["CARTAGE_TLS_CERT_FILE"], stack.env["CARTAGE_TLS_KEY_FILE"]
    for cert, key, said in ((good[0], "", "TLS_KEY_FILE is missing"), ("", good[1], "TLS_CERT_FILE is missing"),
                            (str(stack.dir / "none"), good[1], "No such file"), (str(nothing), good[1], "want a PEM file"),
                            (good[0], other[1], "does the key belong")):
        done = subprocess.run([stack.bin / "cartage-producer"], capture_output=True, text=True, timeout=60,
                              env={**stack.env, "CARTAGE_TLS_CERT_FILE": cert, "CARTAGE_TLS_KEY_FILE": key})
        expect(done.returncode == 1 and said in done.stderr, f"{cert} {key}: {done.returncode} {done.stderr[-500:]}")
        expect("PRIVATE" not in done.stderr + done.stdout, "it prints the key")


TESTS = [it_speaks_tls, a_stranger_is_not_trusted, a_renewed_certificate_is_shown, old_versions_are_refused, plain_http_gets_nothing,
         the_command_line_trusts_what_it_is_told_to, what_is_wrong_is_said_at_the_start]


def main():
    if not shutil.which("openssl"):
        print("skip: openssl is missing, which makes the certificate")
        return 0, 0
    with Stack() as stack:
        stack.env["CARTAGE_TLS_CERT_FILE"], stack.env["CARTAGE_TLS_KEY_FILE"] = certificate(stack, "api")
        stack.start(data="none")
        return run_tests(TESTS, stack)


if __name__ == "__main__":
    end_with(main)
