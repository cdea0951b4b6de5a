#!/usr/bin/env python3
"""The syslog door and senders that others wrote: logger, rsyslog, syslog-ng, openssl.

doors.py <door_sink> <work folder>

Each sender sends numbered messages; the ledger asks that all are there, once, and in order. rsyslog
and syslog-ng cannot be installed side by side, so their packages are unpacked into the work folder;
a sender that cannot be had is named and left out, and with none of both the test counts as skipped
(77)."""
import os
import re
import shutil
import signal
import subprocess
import sys
import time

COUNT = 10000
PACKAGES = ["rsyslog", "rsyslog-gnutls", "syslog-ng-core", "libestr0", "libfastjson4", "liblognorm5",
            "libivykis0", "libpcre3", "libnet1", "libwrap0"]
sink_program, work = sys.argv[1], os.path.abspath(sys.argv[2])
skipped = []
wrong = []


def run(*args, **options):
    return subprocess.run(args, check=True, **options)


def openssl(*args):
    run("openssl", *args, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_certificate(name, host, authority="ca"):
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{work}/{name}.key", "-subj",
            f"/CN={host}", "-out", f"{work}/{name}.csr")
    with open(f"{work}/{name}.ext", "w") as ext:
        ext.write(f"subjectAltName=DNS:{host},IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", f"{work}/{name}.csr", "-CA", f"{work}/{authority}.pem", "-CAkey",
            f"{work}/{authority}.key", "-CAcreateserial", "-days", "30", "-extfile",
            f"{work}/{name}.ext", "-out", f"{work}/{name}.pem")


def make_authority(name):
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{work}/{name}.key",
            "-subj", f"/CN={name}", "-days", "30", "-out", f"{work}/{name}.pem")


def fetch():
    root = f"{work}/root"
    if not os.path.isdir(root):
        os.makedirs(root + ".new/debs", exist_ok=True)
        for package in PACKAGES:
            got = subprocess.run(["apt-get", "download", package], cwd=root + ".new/debs",
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
            if got.returncode != 0:
                print(f"doors.py: {package} cannot be downloaded", file=sys.stderr)
        for deb in os.listdir(root + ".new/debs"):
            run("dpkg", "-x", f"{root}.new/debs/{deb}", root + ".new")
        os.rename(root + ".new", root)
    return root


class Sink:
    def __init__(self):
        self.process = subprocess.Popen(
            [sink_program, f"{work}/server.pem", f"{work}/server.key", f"{work}/ca.pem"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.udp, self.tcp, self.tls = map(int, self.process.stdout.readline().split())

    def ask(self, what):
        self.process.stdin.write(what.encode() + b"\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().decode().strip()

    def reload(self):
        return self.ask("reload")

    def has(self, count):
        return int(self.ask("count")) >= count

    def end(self):
        out, err = self.process.communicate(timeout=60)
        if self.process.returncode != 0:
            wrong.append(f"door_sink ended with {self.process.returncode}: {err.decode()}")
        return out.decode("utf-8", "replace"), err.decode("utf-8", "replace")


def check(what, out, count=COUNT):
    numbers = [int(n) for n in re.findall(rf"{what} number (\d+) ends", out)]
    if numbers == list(range(count)):
        print(f"{what}: {count} messages, all there, once, in order")
    else:
        twice = len(numbers) - len(set(numbers))
        missing = len(set(range(count)) - set(numbers))
        wrong.append(f"{what}: {missing} missing, {twice} twice, "
                     f"{'in order' if numbers == sorted(numbers) else 'out of order'}")


def lines(what, count=COUNT):
    return "".join(f"{what} number {i} ends\n" for i in range(count))


def with_logger():
    sink = Sink()
    ways = {"logger-udp": ["-d", "-P", str(sink.udp)],
            "logger-udp-3164": ["-d", "--rfc3164", "-P", str(sink.udp)],
            "logger-tcp": ["-T", "-P", str(sink.tcp)],
            "logger-tcp-3164": ["-T", "--rfc3164", "-P", str(sink.tcp)],
            "logger-octets": ["-T", "--octet-count", "-P", str(sink.tcp)]}
    for what, options in ways.items():
        run("logger", "-n", "127.0.0.1", *options, input=lines(what).encode())
    time.sleep(1)
    out, _ = sink.end()
    for what in ways:
        check(what, out)


def with_daemon(name, command, environment, sink, count):
    """Runs a daemon until the sink has what it must have, and a little longer; or too long."""
    daemon = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL,
                              stderr=open(f"{work}/{name}.err", "w"))
    deadline = time.time() + 90
    while time.time() < deadline and not sink.has(count):
        time.sleep(0.5)
    time.sleep(2)
    daemon.send_signal(signal.SIGTERM)
    try:
        daemon.wait(20)
    except subprocess.TimeoutExpired:
        daemon.kill()


def with_rsyslog(root, libraries):
    program = f"{root}/usr/sbin/rsyslogd"
    if not os.path.exists(program):
        skipped.append("rsyslog")
        return
    sink = Sink()
    spool = f"{work}/rsyslog"
    shutil.rmtree(spool, ignore_errors=True)
    os.makedirs(spool)
    ways = {"rsyslog-udp": f'port="{sink.udp}" protocol="udp"',
            "rsyslog-tcp": f'port="{sink.tcp}" protocol="tcp"',
            "rsyslog-octets": f'port="{sink.tcp}" protocol="tcp" TCP_Framing="octet-counted"',
            "rsyslog-tls": f'port="{sink.tls}" protocol="tcp" StreamDriver="gtls" '
                           'StreamDriverMode="1" StreamDriverAuthMode="x509/name" '
                           'StreamDriverPermittedPeers="server.example" '
                           'TCP_Framing="octet-counted"'}
    config = [f'global(workDirectory="{spool}" defaultNetstreamDriverCAFile="{work}/ca.pem" '
              f'defaultNetstreamDriverCertFile="{work}/client.pem" '
              f'defaultNetstreamDriverKeyFile="{work}/client.key")', 'module(load="imfile")']
    for what, target in ways.items():
        with open(f"{spool}/{what}", "w") as numbers:
            numbers.write(lines(what))
        config.append(f'ruleset(name="{what}") {{ action(type="omfwd" target="127.0.0.1" {target} '
                      'template="RSYSLOG_SyslogProtocol23Format") }')
        config.append(f'input(type="imfile" file="{spool}/{what}" tag="{what}" ruleset="{what}")')
    with open(f"{spool}/conf", "w") as file:
        file.write("\n".join(config) + "\n")
    modules = f"{root}/usr/lib/x86_64-linux-gnu/rsyslog"
    with_daemon("rsyslog", [program, "-n", "-f", f"{spool}/conf", "-i", f"{spool}/pid", "-M",
                            modules], {**os.environ, "LD_LIBRARY_PATH": libraries}, sink,
                COUNT * len(ways))
    out, err = sink.end()
    for what in ways:
        check(what, out)
    if any("rsyslog" in text for text in wrong):
        print(err, open(f"{work}/rsyslog.err").read(), file=sys.stderr)


def with_syslog_ng(root, libraries):
    program = f"{root}/usr/sbin/syslog-ng"
    if not os.path.exists(program):
        skipped.append("syslog-ng")
        return
    sink = Sink()
    spool = f"{work}/syslog-ng"
    shutil.rmtree(spool, ignore_errors=True)
    os.makedirs(spool)
    tls = (f'tls(ca-file("{work}/ca.pem") cert-file("{work}/client.pem") '
           f'key-file("{work}/client.key") peer-verify(required-trusted))')
    ways = {"syslog-ng-udp": f'network("127.0.0.1" port({sink.udp}) transport("udp"))',
            "syslog-ng-tcp": f'network("127.0.0.1" port({sink.tcp}) transport("tcp"))',
            "syslog-ng-octets": f'syslog("127.0.0.1" port({sink.tcp}) transport("tcp"))',
            "syslog-ng-tls": f'syslog("127.0.0.1" port({sink.tls}) transport("tls") {tls})'}
    config = ['@version: 3.38', 'options { stats-freq(0); };']
    for what, target in ways.items():
        with open(f"{spool}/{what}.log", "w") as numbers:
            numbers.write(lines(what))
        target = target[:-1] + f' persist-name("{what}"))'  # two go to one address
        config.append(f'log {{ source {{ file("{spool}/{what}.log" flags(no-parse) '
                      f'program-override("x") log-fetch-limit(100)); }}; destination {{ {target}; }}; '
                      'flags(flow-control); };')
    with open(f"{spool}/conf", "w") as file:
        file.write("\n".join(config) + "\n")
    modules = f"{root}/usr/lib/syslog-ng/3.38"
    with_daemon("syslog-ng",
                [program, "-F", "-f", f"{spool}/conf", "-R", f"{spool}/persist", "-p",
                 f"{spool}/pid", "-c", f"{spool}/control", f"--module-path={modules}",
                 "--no-caps"],
                {**os.environ, "LD_LIBRARY_PATH": libraries}, sink,
                COUNT * len(ways))
    out, err = sink.end()
    for what in ways:
        check(what, out)
    if any("syslog-ng" in text for text in wrong):
        print(err, open(f"{work}/syslog-ng.err").read(), file=sys.stderr)


def tls_client(port, *options):
    """What openssl's client says when it sends a message."""
    return subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile",
                           f"{work}/ca.pem", *options], input=b"<13>hello from openssl\n",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20)


def with_openssl():
    sink = Sink()
    good = ["-cert", f"{work}/client.pem", "-key", f"{work}/client.key"]
    tls_client(sink.tls, *good, "-tls1_3", "-quiet", "-no_ign_eof")
    tls_client(sink.tls, *good, "-tls1_2", "-quiet", "-no_ign_eof")
    refused = [[*good, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"], [],
               ["-cert", f"{work}/other.pem", "-key", f"{work}/other.key"],
               ["-cert", f"{work}/stranger.pem", "-key", f"{work}/stranger.key"]]
    for options in refused:
        tls_client(sink.tls, *options, "-no_ign_eof")
    # Another certificate, without a restart; then one that is none, and the last good one stays.
    before = tls_client(sink.tls, *good, "-showcerts").stdout
    shutil.copy(f"{work}/server.pem", f"{work}/server.kept")
    shutil.copy(f"{work}/server.key", f"{work}/server.key.kept")
    make_certificate("server", "new.example")
    if sink.reload() != "ok":
        wrong.append("reload failed")
    after = tls_client(sink.tls, *good, "-showcerts").stdout
    with open(f"{work}/server.pem", "w") as broken:
        broken.write("no certificate\n")
    if sink.reload() == "ok":
        wrong.append("a broken certificate was taken")
    still = tls_client(sink.tls, *good, "-showcerts").stdout
    shutil.copy(f"{work}/server.kept", f"{work}/server.pem")
    shutil.copy(f"{work}/server.key.kept", f"{work}/server.key")
    if b"server.example" not in before or b"new.example" not in after or b"new.example" not in still:
        wrong.append("the certificate is not the one expected")
    time.sleep(1)
    out, err = sink.end()
    hellos = out.count("hello from openssl")
    if hellos != 5:
        wrong.append(f"{hellos} messages of openssl clients, not 5\n{err}")
    if "handshakes_failed 4" not in err:
        wrong.append("not just four clients were refused:\n" + err)
    print(f"openssl: {hellos} welcome, 4 refused, certificate replaced")


def main():
    os.makedirs(work, exist_ok=True)
    for name in ["ca", "others"]:
        make_authority(name)
    make_certificate("server", "server.example")
    make_certificate("client", "client.example")
    make_certificate("other", "other.example")
    make_certificate("stranger", "client.example", "others")
    root = fetch()
    libraries = ":".join([f"{root}/usr/lib/x86_64-linux-gnu", f"{root}/usr/lib/syslog-ng",
                          f"{root}/lib/x86_64-linux-gnu"])
    with_openssl()
    if shutil.which("logger"):
        with_logger()
    else:
        skipped.append("logger")
    with_rsyslog(root, libraries)
    with_syslog_ng(root, libraries)
    for text in wrong:
        print("doors.py: " + text, file=sys.stderr)
    for name in skipped:
        print(f"doors.py: SKIPPED: {name} cannot be had here", file=sys.stderr)
    sys.exit(1 if wrong else 77 if len(skipped) == 3 else 0)


main()
