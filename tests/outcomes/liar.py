#!/usr/bin/python3 -B
"""A controller that says what it is told to: stands before the real one's LDAP port, speaks its SASL with its own keys,
and answers the requests that its script names with the script's codes and texts. Everything else goes on to the real
controller, as the system. With it a client meets, over the wire and sealed, what Samba cannot be brought to say.

    liar.py PORT SCRIPT      inside the controller's namespaces; SCRIPT is a JSON file, read for each connection

    {"hide": ["GSS-SPNEGO"],           mechanisms that the root object does not name
     "seal": false,                    with GSSAPI, so hide GSS-SPNEGO: offers neither signing nor sealing
     "level": 2,                       the functional level that the root object names
     "ping_without": 8,                flags that its answers to UDP pings do not have ([MS-ADTS] 6.3.1.2)
     "log": "/path",                   the name of each request on a line
     "rules": [{"op": "add",           bind search modify add delete modrdn extended
                "match": "text",       part of the request, in UTF-8 or UTF-16; absent: any
                "skip": 0,             let that many such requests pass
                "once": true,          the first time only, also on later connections
                "code": 53, "text": "0000216D: SvcErr: ...", "matched": ""}    or "do": "silence" | "close" | "referral",
                                                                         "lose" (done, but the line ends before the answer)
    ]}
"""
import json
import os
import re
import socket
import sys
import threading

from samba import auth, credentials, gensec, param

OPS = {0x60: "bind", 0x63: "search", 0x66: "modify", 0x68: "add", 0x4A: "delete", 0x6C: "modrdn", 0x77: "extended"}
ANSWERS = {"bind": 0x61, "search": 0x65, "modify": 0x67, "add": 0x69, "delete": 0x6B, "modrdn": 0x6D, "extended": 0x78}
REQUEST_MAX = 1 << 20


spent = set()  # rules of scripts, by the time they were written, that were to hold once


def tlv(tag, value):
    n = len(value)
    size = bytes([n]) if n < 128 else bytes([0x80 | (n.bit_length() + 7) // 8]) + n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag]) + size + value


def number(value, tag=2):
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def take(data, at=0):
    """(tag, value, end) of the element at `at`; None while it is not whole."""
    if len(data) < at + 2:
        return None
    tag, n, at = data[at], data[at + 1], at + 2
    if n & 0x80:
        k = n & 0x7F
        if len(data) < at + k:
            return None
        n, at = int.from_bytes(data[at:at + k], "big"), at + k
    if n > REQUEST_MAX:
        raise ValueError("an element too long")
    return (tag, data[at:at + n], at + n) if len(data) >= at + n else None


def parts(data):
    at, out = 0, []
    while at < len(data):
        tag, value, at = take(data, at)
        out.append((tag, value))
    return out


class Client:
    def __init__(self, sock, script):
        self.sock, self.script = sock, script
        self.gensec = None
        self.sealed = self.losing = False
        self.seen = [0] * len(script.get("rules", []))
        self.up = socket.socket(socket.AF_UNIX)
        self.up.connect("/var/lib/samba/private/ldap_priv/ldapi")
        self.lock = threading.Lock()

    # ---- bytes ----

    def send(self, pdu):
        with self.lock:
            if self.sealed:
                pdu = self.gensec.wrap(pdu)
                pdu = len(pdu).to_bytes(4, "big") + pdu
            self.sock.sendall(pdu)

    def requests(self):
        raw, plain = b"", b""
        while True:
            found = take(plain)
            if found:
                yield plain[:found[2]]
                plain = plain[found[2]:]
                continue
            got = self.sock.recv(65536)
            if not got:
                return
            raw += got
            if not self.sealed:
                plain, raw = plain + raw, b""
            while self.sealed and len(raw) >= 4 and len(raw) >= 4 + int.from_bytes(raw[:4], "big"):
                n = int.from_bytes(raw[:4], "big")
                plain += self.gensec.unwrap(raw[4:4 + n])
                raw = raw[4 + n:]

    def forward_answers(self):
        data = b""
        hidden = [m.encode() for m in self.script.get("hide", [])]
        while True:
            found = take(data)
            if found:
                pdu, data = data[:found[2]], data[found[2]:]
                for name in hidden:  # the same length, so that nothing else changes
                    pdu = pdu.replace(tlv(4, name), tlv(4, b"X" * len(name)))
                if "level" in self.script:
                    level = re.escape(tlv(4, b"domainControllerFunctionality") + b"\x31\x03\x04\x01")
                    pdu = re.sub(b"(" + level + b").", rb"\g<1>%d" % self.script["level"], pdu, flags=re.S)
                try:
                    self.send(pdu)
                except OSError:  # the client has gone
                    return
                continue
            got = self.up.recv(65536)
            if not got:
                return
            if self.losing:
                return self.sock.shutdown(socket.SHUT_RDWR)
            data += got

    # ---- what is said ----

    def result(self, message_id, op, code, text, matched="", extra=b""):
        body = number(code, 10) + tlv(4, matched.encode()) + tlv(4, text.encode()) + extra
        self.send(tlv(0x30, message_id + tlv(ANSWERS[op], body)))

    def rule_for(self, op, pdu):
        for i, rule in enumerate(self.script.get("rules", [])):
            text = rule.get("match", "")
            if rule["op"] == op and (text.encode() in pdu or text.encode("utf-16-le") in pdu):
                self.seen[i] += 1
                if self.seen[i] > rule.get("skip", 0) and (self.script["written"], i) not in spent:
                    if rule.get("once"):
                        spent.add((self.script["written"], i))
                    return rule
        return None

    def bind(self, message_id, body):
        _, _, (kind, how) = parts(body)[:3]
        if kind != 0xA3:
            return self.result(message_id, "bind", 8, "BindSimple: Transport encryption required.")
        inside = parts(how)
        mech, token = inside[0][1].decode(), inside[1][1] if len(inside) > 1 else b""
        if self.gensec is None:
            self.gensec = self.start(mech)
        if self.sealed is None:  # the context stands: now the layers, of which there is none
            return self.result(message_id, "bind", 14, "", extra=tlv(0x87, self.gensec.wrap(b"\1\0\0\0")))
        done, answer = self.gensec.update(token)
        unsealed = done and not self.script.get("seal", True)
        self.result(message_id, "bind", 0 if done and not unsealed else 14, "", extra=tlv(0x87, answer or b""))
        self.sealed = None if unsealed else done and self.gensec.have_feature(gensec.FEATURE_SEAL)

    def start(self, mech):
        lp = param.LoadParm()
        lp.load_default()
        own = credentials.Credentials()
        own.guess(lp)
        own.set_machine_account(lp)
        server = gensec.Security.start_server({"lp_ctx": lp, "target_hostname": socket.gethostname()},
                                              auth.AuthContext(lp))
        server.set_credentials(own)
        server.set_target_service("ldap")
        server.want_feature(gensec.FEATURE_SIGN)
        if self.script.get("seal", True):
            server.want_feature(gensec.FEATURE_SEAL)
            server.start_mech_by_sasl_name(mech)
        else:
            server.start_mech_by_name("gssapi_krb5")
        return server

    def act(self, rule, op, message_id, pdu):
        do = rule.get("do", "answer")
        if do == "lose":
            self.losing = True
            self.up.sendall(pdu)
        if do == "close":
            self.sock.close()
            raise EOFError
        if do == "referral":
            where = tlv(0xA3, tlv(4, b"ldap://elsewhere.example.net/DC=elsewhere,DC=example,DC=net"))
            self.result(message_id, op, 10, rule.get("text", "0000202B: RefErr"), extra=where)
        elif do == "answer":
            self.result(message_id, op, rule["code"], rule.get("text", ""), rule.get("matched", ""))

    def serve(self):
        threading.Thread(target=self.forward_answers, daemon=True).start()
        for pdu in self.requests():
            (id_tag, id_value), (tag, body) = parts(take(pdu)[1])[:2]
            op, message_id = OPS.get(tag, ""), tlv(id_tag, id_value)
            if op and "log" in self.script:
                with open(self.script["log"], "a", encoding="ascii") as log:
                    log.write(op + "\n")
            rule = self.rule_for(op, pdu)
            if rule:
                self.act(rule, op, message_id, pdu)
            elif op == "bind":
                self.bind(message_id, body)
            else:
                self.up.sendall(pdu)
                if tag == 0x42:  # unbind
                    return


def serve(sock, path):
    try:
        with open(path, encoding="utf-8") as f:
            written = os.fstat(f.fileno()).st_mtime_ns
            Client(sock, {**json.load(f), "written": written}).serve()
    except (OSError, EOFError):
        pass
    finally:
        sock.close()


def pings(port, path):
    """Asks the real one and changes the flags of its answer."""
    here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    here.bind(("", port))
    while True:
        question, client = here.recvfrom(4096)
        with open(path, encoding="utf-8") as f:
            without = json.load(f).get("ping_without", 0)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way, \
             socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
            way.connect(client)
            there.settimeout(2)
            there.sendto(question, (way.getsockname()[0], 389))
            try:
                answer = there.recv(4096)
            except OSError:
                continue
        at = answer.find(b"\x17\0\0\0") + 4  # LOGON_SAM_LOGON_RESPONSE_EX, then the flags
        if at >= 4:
            flags = int.from_bytes(answer[at:at + 4], "little") & ~without
            answer = answer[:at] + flags.to_bytes(4, "little") + answer[at + 4:]
        here.sendto(answer, client)


def main():
    port, path = int(sys.argv[1]), sys.argv[2]
    listener = socket.create_server(("", port), reuse_port=False)
    threading.Thread(target=pings, args=(port, path), daemon=True).start()
    print("ready", flush=True)
    while True:
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(sock, path), daemon=True).start()


if __name__ == "__main__":
    os.environ["KRB5_CONFIG"] = "/var/lib/samba/private/krb5.conf"
    main()
