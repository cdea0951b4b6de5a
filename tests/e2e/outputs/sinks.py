"""sinks.py - receivers for the tests of outputs: HTTP, SMTP, syslog, each of which can be told to
misbehave. Standard library only; certificates are made by openssl."""

import http.server
import socket
import ssl
import subprocess
import threading
import time


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def certificate(folder, name, host):
    """A self-signed certificate: its own authority."""
    cert, key = f"{folder}/{name}.crt", f"{folder}/{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={host}",
                    "-addext", f"subjectAltName=DNS:{host}", "-keyout", key, "-out", cert],
                   check=True, capture_output=True)
    return cert, key


class Post:
    def __init__(self, headers, body):
        self.headers, self.body, self.at = headers, body, time.time()
        self.key = headers.get("Idempotency-Key")


class Hook:
    """An HTTP receiver. behave(post, number) gives (code, headers, body) or a callable that takes
    the handler and does something else; every request is in posts, before it is answered."""

    def __init__(self, behave=None, port=0, tls=None):
        hook = self
        self.posts, self.lock = [], threading.Lock()
        self.behave = behave or (lambda post, number: (200, {}, b"ok"))

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60
            disable_nagle_algorithm = True  # or each answer takes 40 ms

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                post = Post(self.headers, body)
                with hook.lock:
                    hook.posts.append(post)
                    number = len(hook.posts)
                answer = hook.behave(post, number)
                if callable(answer):
                    answer(self)
                    self.close_connection = True
                    return
                code, headers, text = answer
                self.send_response(code)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST

            def log_message(self, *args):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, request, client_address):
                pass

        self.server = Server(("127.0.0.1", port), Handler)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                     do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def keys(self):
        with self.lock:
            return [post.key for post in self.posts]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Mail:
    """An SMTP receiver: conversations as lists of lines, mails as (from, to, text). refuse(mail)
    gives a reply other than 250 for the text."""

    def __init__(self, refuse=None):
        self.mails, self.lines, self.refuse = [], [], refuse or (lambda mail: None)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection):
        stream = connection.makefile("rb")
        say = lambda text: connection.sendall(text.encode() + b"\r\n")
        sender, to = None, []
        say("220 sink ESMTP")
        for raw in stream:
            line = raw.decode().rstrip("\r\n")
            self.lines.append(line)
            verb = line.split(":")[0].split(" ")[0].upper()
            if verb == "EHLO":
                say("250-sink\r\n250 8BITMIME")
            elif verb == "MAIL":
                sender, to = line, []
                say("250 ok")
            elif verb == "RCPT":
                to.append(line)
                say("250 ok")
            elif verb == "DATA":
                say("354 go on")
                text = b""
                while not text.endswith(b"\r\n.\r\n") and text != b".\r\n":
                    text += stream.readline()
                mail = (sender, to, text[:-3])
                answer = self.refuse(mail)
                if answer is None:
                    self.mails.append(mail)
                say(answer or "250 taken")
            elif verb == "QUIT":
                say("221 bye")
                break
            else:
                say("250 ok")
        connection.close()


class Lines:
    """A syslog receiver over UDP, TCP or TLS; messages as text."""

    def __init__(self, kind, tls=None, port=0):
        self.messages, self.broken, self.connections = [], [], []
        if kind == "udp":
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.bind(("127.0.0.1", port))
            target = self.datagrams
        else:
            self.socket = socket.create_server(("127.0.0.1", port))
            self.context = None
            if tls:
                self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                self.context.load_cert_chain(*tls)
            target = self.accept
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=target, daemon=True).start()

    def datagrams(self):
        while True:
            try:
                self.messages.append(self.socket.recv(70000).decode())
            except OSError:
                return

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self.stream, args=(connection,), daemon=True).start()

    def stream(self, connection):
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            stream = connection.makefile("rb")
            while True:
                length = b""
                while not length.endswith(b" "):
                    byte = stream.read(1)
                    if not byte:
                        return
                    length += byte
                text = stream.read(int(length))
                if len(text) != int(length):
                    self.broken.append(text)
                    return
                self.messages.append(text.decode())
        except (OSError, ValueError) as error:
            self.broken.append(str(error))

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()
        for connection in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
