#!/usr/bin/python3
"""potr 1.0.x (what Blink of 2013 ran) as a peer: one conversation in JSON Lines on stdin and
stdout (docs/interop/otr.md, "The peer protocol").

    /usr/bin/python3 potr_peer.py [--home DIR]     the key is kept in DIR, or in memory only

Debian builds potr against pycryptodome, whose DSA signs no raw digests, whose keys have other
attributes and whose counter mode takes no function. Those four pieces are replaced below; the
protocol code is potr's own.
"""
import json
import os
import sys

import potr  # noqa: F401  (loads the modules that are patched)
from Cryptodome.Cipher import AES
from Cryptodome.PublicKey import DSA
from Cryptodome.Random import random as strong
from potr import compatcrypto, context, crypt, proto
from potr.compatcrypto import pycrypto
from potr.utils import bytes_to_long, long_to_bytes

NAME = "potr 1.0"
STATES = {0: "plaintext", 1: "encrypted", 2: "finished"}


# ---- the four repairs -----------------------------------------------------------------------


def aes_ctr(key, counter=0):
    """AES-128-CTR whose block counter is the 8-byte prefix and an 8-byte count."""
    if not isinstance(counter, pycrypto.Counter):
        counter = pycrypto.Counter(counter)
    return AES.new(key, AES.MODE_CTR, nonce=counter.byteprefix(), initial_value=counter.val)


def generate(cls):
    key = DSA.generate(1024)
    return cls((key.y, key.g, key.p, key.q, key.x), private=True)


def sign(self, data):
    """Signs all octets of `data` as one number, reduced modulo q (as libotr does)."""
    p, q, g, x = (int(n) for n in (self.priv.p, self.priv.q, self.priv.g, self.priv.x))
    while True:
        k = strong.randrange(1, q)
        r = pow(g, k, p) % q
        s = pow(k, -1, q) * (bytes_to_long(data) + x * r) % q
        if r and s:
            return long_to_bytes(r, 20) + long_to_bytes(s, 20)


def verify(self, data, signature):
    p, q, g, y = (int(n) for n in (self.pub.p, self.pub.q, self.pub.g, self.pub.y))
    r, s = bytes_to_long(signature[:20]), bytes_to_long(signature[20:40])
    if not (0 < r < q and 0 < s < q):
        return False
    w = pow(s, -1, q)
    u1, u2 = bytes_to_long(data) * w % q, r * w % q
    return pow(g, u1, p) * pow(y, u2, p) % p % q == r


pycrypto.DSAKey.generate = classmethod(generate)
pycrypto.DSAKey.sign = sign
pycrypto.DSAKey.verify = verify
for module in (pycrypto, compatcrypto, crypt):
    module.AESCTR = aes_ctr


# ---- the conversation -----------------------------------------------------------------------


def emit(event, **fields):
    line = json.dumps({"ev": event, **fields}, ensure_ascii=False)
    sys.stdout.buffer.write(line.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


class Conversation(context.Context):
    def getPolicy(self, key):
        return {"ALLOW_V2": True, "SEND_TAG": self.user.offers_by_tag}.get(key, False)

    def inject(self, msg, appdata=None):
        if msg:
            emit("inject", msg=msg.decode("utf-8", "replace"))

    def setState(self, newstate):
        super().setState(newstate)
        self.emit_state()

    def emit_state(self):
        if self.state != context.STATE_ENCRYPTED:
            emit("state", state=STATES[self.state])
            return
        engine = self.crypto
        emit("state", state="encrypted", version=2, ssid=engine.sessionId.hex(),
             fingerprint=engine.theirPubkey.cfingerprint())


class Account(context.Account):
    contextclass = Conversation

    def __init__(self, name, fragment, offers_by_tag, home):
        super().__init__(name, "peer", fragment)
        self.offers_by_tag = offers_by_tag
        self.path = home and os.path.join(home, name + ".potr-key")

    def loadPrivkey(self):
        if self.path is None or not os.path.exists(self.path):
            return None
        with open(self.path, "rb") as file:
            return compatcrypto.PK.parsePrivateKey(file.read())[0]

    def savePrivkey(self):
        if self.path is None:
            return
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(self.getPrivkey().serializePrivateKey())

    def saveTrusts(self):
        pass


def emit_smp(conversation, tlv):
    """Says what potr made of an SMP record: it has no callbacks, only its state afterwards."""
    smp = conversation.crypto.smp
    if isinstance(tlv, proto.SMPABORTTLV):
        emit("smp", what="aborted")
    elif smp is None:
        return
    elif isinstance(tlv, (proto.SMP1TLV, proto.SMP1QTLV)):
        if smp.state == 0:
            question = getattr(tlv, "msg", None)
            emit("smp", what="asked",
                 question=None if question is None else question.decode("utf-8", "replace"))
        else:
            emit("smp", what="error")
    elif smp.prog == crypt.SMPPROG_CHEATED:
        emit("smp", what="cheated")
    elif isinstance(tlv, (proto.SMP3TLV, proto.SMP4TLV)):
        emit("smp", what="success" if smp.prog == crypt.SMPPROG_SUCCEEDED else "failure")


class Peer:
    def __init__(self, home):
        self.home = home
        self.conversation = None

    def run(self, op):
        name = op.get("op")
        if name == "init" and self.conversation is None:
            self.init(op)
        elif self.conversation is None or name == "init":
            emit("error", error="init must come first, and once")
        elif name in ("query", "recv", "send", "smp_start", "smp_answer", "smp_abort", "end",
                      "state"):
            getattr(self, name)(op)
        elif name != "quit":
            emit("error", error="unknown operation")
        emit("done", op=name)
        return name != "quit"

    def init(self, op):
        # potr speaks version 2, starts an AKE on every tag, never on an error, and forgets
        # the message that it should keep under REQUIRE_ENCRYPTION.
        if op.get("versions") != "2" or op.get("policy"):
            sys.exit(127)
        name = op.get("name", "")
        if not name or name.startswith(".") or not name.replace("_", "-").replace(
                "-", "").replace(".", "").isalnum():
            emit("error", error="init needs a name of letters, digits, '.', '_' and '-'")
            return
        account = Account(name, op.get("fragment") or 0, bool(op.get("whitespace")), self.home)
        self.conversation = account.getContext("other")
        emit("ready", peer=NAME, fingerprint=account.getPrivkey().cfingerprint(), whitespace=True)

    def query(self, _):
        conversation = self.conversation
        conversation.inject(conversation.user.getDefaultQueryMessage(conversation.getPolicy))

    def recv(self, op):
        conversation = self.conversation
        message = op["msg"].encode("utf-8")
        try:
            text, tlvs = conversation.receiveMessage(message)
        except context.NotOTRMessage as plain:
            # What potr cannot read comes back as it came: that is text only if it is not OTR.
            if plain.args[0].startswith(b"?OTR:"):
                emit("error", error="an OTR message that potr does not know")
            else:
                emit("plaintext", text=plain.args[0].decode("utf-8", "replace"), encrypted=False)
        except context.UnencryptedMessage as plain:
            emit("plaintext", text=plain.args[0].decode("utf-8", "replace"), encrypted=False,
                 warning="unencrypted")
        except context.ErrorReceived as error:
            emit("received_error", text=error.args[0].error.decode("utf-8", "replace").strip())
        else:
            for tlv in tlvs or []:
                if isinstance(tlv, proto.SMPTLV):
                    emit_smp(conversation, tlv)
                elif isinstance(tlv, proto.ExtraKeyTLV):
                    emit("extra_key", use=bytes_to_long(tlv.appid), data=tlv.appdata.hex(),
                         key=conversation.crypto.extraKey.hex())
            if text:
                emit("plaintext", text=text.decode("utf-8", "replace"), encrypted=True)

    def send(self, op):
        conversation = self.conversation
        conversation.inject(
            conversation.sendMessage(context.FRAGMENT_SEND_ALL, op["text"].encode("utf-8")))

    def smp_start(self, op):
        question = op.get("question")
        self.conversation.smpInit(op["secret"].encode("utf-8"),
                                  None if question is None else question.encode("utf-8"))

    def smp_answer(self, op):
        self.conversation.smpGotSecret(op["secret"].encode("utf-8"))

    def smp_abort(self, _):
        self.conversation.smpAbort()

    def end(self, _):
        if self.conversation.state != context.STATE_PLAINTEXT:
            self.conversation.disconnect()

    def state(self, _):
        self.conversation.emit_state()


def main(arguments):
    home = None
    if len(arguments) == 2 and arguments[0] == "--home":
        home = arguments[1]
        os.makedirs(home, mode=0o700, exist_ok=True)
    elif arguments:
        sys.stderr.write("usage: potr_peer.py [--home DIR]\n")
        return 2
    peer = Peer(home)
    for line in sys.stdin.buffer:
        op = None
        try:
            op = json.loads(line)
            going = peer.run(op)
        except Exception as error:  # whatever breaks in the engine is an event, not an end
            emit("error", error="%s: %s" % (type(error).__name__, error))
            emit("done", op=op.get("op") if isinstance(op, dict) else None)
            continue
        if not going:
            break
    return 0


if __name__ == "__main__":
    import logging
    logging.disable(logging.CRITICAL)
    sys.exit(main(sys.argv[1:]))
