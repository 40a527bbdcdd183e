#!/usr/bin/env python3
"""Says whether a bundle of evidence of an SCMI control plane holds: yes (exit status 0) or no (1).

    verify.py [--key VKEY]... [--witness VKEY]... [FOLDER or ARCHIVE]

The folder is the one of this file if none is named. A bundle holds where the checkpoint is signed, the events are under it, they
are all that bear on the answer, and the answer follows from them. Everything is worked out here, from the bytes that were hashed;
nothing in the bundle is believed but what a given key signed. Python 3.8 or newer and the openssl program of OpenSSL 3; no network.
"""
import base64
import datetime
import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import tarfile
import tempfile
from bisect import bisect_left


class No(Exception):
    """Why the bundle does not hold."""


class Unable(Exception):
    """Why nothing can be said."""


def need(condition, why):
    if not condition:
        raise No(why)


# --- Keys and notes (C2SP signed-note, tlog-checkpoint, tlog-cosignature) ---------------------------------------------------------

NOTE, COSIGNATURE = 1, 4


class Key:
    def __init__(self, vkey):
        name, key_id, rest = (vkey.strip().split("+", 2) + ["", "", ""])[:3]
        material = unbase64(rest)
        need(material is not None and len(material) == 33, "not a verifier key: %r" % vkey)
        self.vkey, self.name, self.type, self.public = vkey.strip(), name, material[0], material[1:]
        self.id = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
        need(self.id.hex() == key_id, "the id of the key %s is not its own" % name)

    def signed(self, message, signature):
        """Whether an Ed25519 signature over a message is this key's, as openssl says."""
        der = bytes.fromhex("302a300506032b6570032100") + self.public
        pem = "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n" % base64.b64encode(der).decode()
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ("key", "message", "signature")]
            for path, content in zip(paths, (pem.encode(), message, signature)):
                with open(path, "wb") as file:
                    file.write(content)
            command = ["openssl", "pkeyutl", "-verify", "-pubin", "-rawin"]
            command += ["-inkey", paths[0], "-in", paths[1], "-sigfile", paths[2]]
            try:
                run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            except OSError as error:
                raise Unable("the openssl program cannot be run: %s" % error)
        text = run.stdout.decode("utf-8", "replace")
        if run.returncode == 0 and "Verified Successfully" in text:
            return True
        if "Verification Failure" in text:
            return False
        raise Unable("openssl cannot verify Ed25519 signatures (OpenSSL 3 can): %s" % text.strip())


def unbase64(text):
    """The bytes of base64 in its one spelling, or None."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data).decode() == text else None


def read_note(note):
    """Text and signatures (name, id, bytes) of a signed note."""
    need(note.endswith("\n") and "\n\n" in note, "a note has no signatures")
    at = note.rindex("\n\n")
    signatures = []
    for line in note[at + 2 : -1].split("\n"):
        parts = line.split(" ")
        data = unbase64(parts[2]) if len(parts) == 3 and parts[0] == "\u2014" else None
        need(data is not None and len(data) > 4, "a signature line of a note cannot be read")
        signatures.append((parts[1], data[:4], data[4:]))
    return note[: at + 1], signatures


def signers(text, signatures, keys):
    """The keys that signed a note; one that seems to have and has not is a No."""
    found = []
    for name, key_id, signature in signatures:
        for key in keys:
            if key.type == NOTE and (key.name, key.id) == (name, key_id):
                need(key.signed(text.encode(), signature), "the signature of %s is not right" % name)
                found.append(key)
    return found


def cosigned_at(text, signatures, witness):
    """When a witness says that it saw a checkpoint, as seconds since 1970; None: it does not."""
    for name, key_id, signature in signatures:
        if (witness.name, witness.id) == (name, key_id):
            need(len(signature) == 72, "the cosignature of %s cannot be read" % name)
            time = struct.unpack(">Q", signature[:8])[0]
            message = "cosignature/v1\ntime %d\n%s" % (time, text)
            need(witness.signed(message.encode(), signature[8:]), "the cosignature of %s is not right" % name)
            return time
    return None


def vouched_keys(chain, given):
    """The keys that those who are trusted vouch for: keys of the log hand over to each other, by notes that both sign."""
    trusted = {key.vkey for key in given}
    links = []
    for before, after in zip(chain, chain[1:]):
        older, newer = Key(before["vkey"]), Key(after["vkey"])
        text = "scmi-audit-key/v1\n%s\n%s\n%s\n%d\n" % (older.name, older.vkey, newer.vkey, after["fromSize"])
        if after["note"] is None:
            continue
        signed, signatures = read_note(after["note"])
        if signed == text and {key.vkey for key in signers(signed, signatures, [older, newer])} == {older.vkey, newer.vkey}:
            links.append((older.vkey, newer.vkey))
    for one, other in links + [(newer, older) for older, newer in reversed(links)]:
        if one in trusted:
            trusted.add(other)
    return [Key(vkey) for vkey in sorted(trusted)]


# --- The tree (RFC 6962) ----------------------------------------------------------------------------------------------------------


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def root_from(size, leaves, proof):
    """The root of a tree of `size`, from some leaves by index and the roots of the subtrees that have none of them."""
    indexes = sorted(leaves)
    rest = iter(proof)

    def visit(start, end):
        at = bisect_left(indexes, start)
        if at == len(indexes) or indexes[at] >= end:
            node = next(rest, None)
            need(node is not None, "the proof is too short")
            return node
        if end - start == 1:
            return leaves[start]
        middle = start + (1 << ((end - start - 1).bit_length() - 1))
        left = visit(start, middle)
        return hashlib.sha256(b"\1" + left + visit(middle, end)).digest()

    need(indexes and indexes[0] >= 0 and indexes[-1] < size, "the events are not all under the checkpoint")
    root = visit(0, size)
    need(next(rest, None) is None, "the proof is too long")
    return root


# --- Entries: what is hashed for an event (docs/auditing.md) ----------------------------------------------------------------------

LABEL = b"scmi-event/v1\n"
FIELDS = (
    "kind source actor reason program rule_version address command request_id traceparent first_seq last_seq digest input "
    "answer_hash seq time epoch type domid agent body"
).split()
TYPES = {
    1: "host.configured", 2: "host.booted", 3: "mediator.probed", 4: "mediator.probe-failed", 5: "domain.created",
    6: "domain.creation-refused", 7: "domain.destroyed", 8: "domain.destroy-refused", 9: "domain.shutdown",
    10: "device.assigned", 11: "device.assignment-refused", 12: "smc.forwarded", 13: "smc.refused", 14: "agent.reset",
}


class Long:
    """A value of more than 4,096 bytes, which stands in the entry as its hash."""

    def __init__(self, digest):
        self.digest = digest


def read_value(data, at):
    """A value and where the next one begins."""
    tag = data[at]
    if tag == 0:
        return None, at + 1
    if tag == 1:
        return struct.unpack_from(">q", data, at + 1)[0], at + 9
    length = struct.unpack_from(">I", data, at + 1)[0]
    if tag in (2, 3):
        value = data[at + 5 : at + 5 + length]
        need(len(value) == length <= 4096, "an entry ends in the middle")
        return (value.decode() if tag == 2 else value), at + 5 + length
    need(tag in (4, 5) and length > 4096, "an entry has a value of no known kind")
    return Long(data[at + 5 : at + 37]), at + 37


class Event:
    def __init__(self, entry, values):
        need(entry.startswith(LABEL), "an entry does not begin as the entry of an event")
        at = len(LABEL)
        for field in FIELDS:
            value, at = read_value(entry, at)
            setattr(self, field, value)
        need(at == len(entry), "an entry goes on behind its end")
        if isinstance(self.body, Long):
            name = self.body.digest.hex()
            need(name in values, "values/%s is missing" % name)
            need(hashlib.sha256(values[name]).digest() == self.body.digest, "values/%s is not what was hashed" % name)
            self.body = values[name]
        length, code, _, domid, agent = struct.unpack_from("<IBBHI", self.body)
        need(length == len(self.body), "the body of event %d has another length" % self.seq)
        need(TYPES.get(code, self.type) == self.type, "the body of event %d is of another type" % self.seq)
        need((None if domid == 0xFFFF else domid) == self.domid, "the body of event %d has another domid" % self.seq)
        need((None if agent == 0xFFFFFFFF else agent) == self.agent, "the body of event %d has another agent" % self.seq)

    @property
    def when(self):
        return time_text(self.time)

    def data(self):
        """What the event carries, where that is JSON."""
        if self.type != "host.configured":
            return json.loads(self.body[12:].decode())
        length = struct.unpack_from("<I", self.body, 12)[0]
        return json.loads(self.body[16 : 16 + length].decode())


def time_text(micros):
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=micros)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + "%06dZ" % moment.microsecond


class Smc:
    """An SMC event's packed body: the parts of it that permissions depend on."""

    def __init__(self, event):
        data = event.body[12:]
        flags, x_mask, out, _ = data[:4]
        request_bytes, response_bytes = struct.unpack_from("<HH", data, 22)
        writes = data[27]
        self.from_xen = bool(flags & 1)
        self.caller = data[26] if flags & 32 else None
        at = 28
        self.header = struct.unpack_from(">I", data, 4)[0] if flags & 2 else None
        self.request = data[at : at + request_bytes]
        at += request_bytes
        status = None
        if flags & 4:
            channel, _, _ = struct.unpack_from("<III", data, at)
            payload = data[at + 12 : at + 12 + response_bytes]
            at += 12 + response_bytes
            # Of the channel's bits, FREE alone means that an answer is there.
            if channel & 3 == 1 and len(payload) >= 4:
                status = struct.unpack_from("<i", payload)[0]
        x0 = struct.unpack_from(">I", data, 12)[0]
        if x_mask & 1:
            x0 |= struct.unpack_from("<I", data, at)[0] << 32
            at += 4
        at += 8 * bin(x_mask & 0xFE).count("1")
        out_mask, same_mask = out & 15, out >> 4
        x0_out = struct.unpack_from("<Q", data, at)[0] if out_mask & 1 else x0 if same_mask & 1 else 0
        at += 8 * bin(out_mask).count("1")
        # The SCMI status that was answered; None: nothing was.
        self.status = status if x0_out == 0 else None
        for _ in range(writes):
            at += 4 + struct.unpack_from("<H", data, at + 2)[0]
        if flags & 128:
            count = struct.unpack_from("<H", data, at)[0]
            at += 2
            for _ in range(count):
                at += 8 + struct.unpack_from("<H", data, at + 2)[0]
        # Cells of the firmware's state: table, row, column, and what it became; without that, it is back at its default.
        self.effects = json.loads(data[at:].decode()) if flags & 8 else []
        need(flags & 8 or at == len(data), "the body of event %d goes on behind its end" % event.seq)

    def permission_changes(self):
        """What it made of permissions, by agent and device: True, False, or None, the default."""
        changes = {}
        for table, row, column, *value in self.effects:
            if table == "permission":
                changes[(row, int(column))] = value[0] is True if value else None
        return changes

    def named_permission(self):
        """Agent, device and wish of a BASE_SET_DEVICE_PERMISSIONS; None: it is another message."""
        if self.header is None or self.header & 0xFF != 9 or self.header >> 10 & 0xFF != 0x10 or len(self.request) < 12:
            return None
        agent, device, flags = struct.unpack_from("<III", self.request)
        return agent, device, flags & 1 == 1


# --- What messages are about ------------------------------------------------------------------------------------------------------

# By protocol: the field of a device that lists its resources of it.
LISTS = {
    0x11: "powerDomains", 0x13: "performanceDomains", 0x14: "clocks", 0x15: "sensors", 0x16: "resets", 0x17: "voltageDomains",
    0x18: "powerCaps",
}
# By protocol: the messages that name a resource, and of those the ones that do something with it.
NAMING = {
    0x11: range(3, 9), 0x13: range(3, 13), 0x14: range(3, 16), 0x15: range(4, 14), 0x16: range(3, 7), 0x17: range(3, 10),
    0x18: range(3, 16),
}
USING = {0x11: {4}, 0x13: {5, 7}, 0x14: {5, 7, 13}, 0x15: {5, 6, 10}, 0x16: {4}, 0x17: {5, 7}, 0x18: {5, 7, 15}}
# The resource's id is the first word of a request; of these messages the second, for flags come first.
SECOND_WORD = {(0x11, 4), (0x14, 5)}


def resource_of(smc):
    """Protocol and id of the resource that a message is about, and whether it does something with it; None: it is about none."""
    if smc.header is None:
        return None
    protocol, message = smc.header >> 10 & 0xFF, smc.header & 0xFF
    offset = 4 if (protocol, message) in SECOND_WORD else 0
    if message not in NAMING.get(protocol, ()) or len(smc.request) < offset + 4:
        return None
    return protocol, struct.unpack_from("<I", smc.request, offset)[0], message in USING[protocol]


# --- What the events come to ------------------------------------------------------------------------------------------------------


class Board:
    """The defaults of a board: who has which device when the firmware starts."""

    def __init__(self, event):
        board = event.data()["board"]
        firmware = board["firmware"]
        profile, switches = firmware["profile"], firmware["switches"]

        def is_on(name, otherwise):
            return switches[name] if isinstance(switches.get(name), bool) else otherwise

        enforced = is_on("permissionsEnforced", profile not in ("ref-rcar", "tfa"))
        privileged = is_on("agent0Privileged", profile in ("ref", "ref-rcar", "ref-rpi5", "tfa"))
        self.name = board["name"]
        self.agents = {agent["id"]: agent["name"] for agent in firmware["agents"]}
        self.devices = {device["id"]: device["name"] for device in firmware["devices"]}
        self.access = {}
        self.listed = {}  # (protocol, resource) -> the devices that list it
        for device in firmware["devices"]:
            for protocol, field in LISTS.items():
                for resource in device.get(field, ()):
                    self.listed.setdefault((protocol, resource), set()).add(device["id"])
        for device in firmware["devices"]:
            given = device["defaultAccess"]
            if not enforced or given == "all":
                self.access[device["id"]] = set(self.agents)
            else:
                self.access[device["id"]] = set([] if given == "none" else given) | ({0} if privileged else set())

    def gives(self, agent, device):
        return agent in self.agents and agent in self.access.get(device, ())


class Machine:
    """Permissions, domains and exposures, event by event from a host boot on."""

    def __init__(self, board, configured, boot):
        self.board, self.configured, self.boot = board, configured, boot
        self.events = {configured.seq: configured, boot.seq: boot}
        self.differing = {}  # (agent, device) -> (allowed, since which event)
        self.restored = {}  # (agent, device) -> the event that took it back to its default
        self.domains = {}  # domid -> its latest domain
        self.holders = {}  # agent -> domid
        self.wanted = {}  # (agent, device) -> allowed, where that was asked for
        self.open, self.exposures = {}, []
        self.uses, self.denials = {}, {}  # (agent, device) -> the events, in their order

    def apply(self, event):
        need(event.type not in ("host.configured", "host.booted"), "the host booted again at event %d" % event.seq)
        self.events[event.seq] = event
        smc = Smc(event) if event.type == "smc.forwarded" else None
        if smc is not None:
            for pair, allowed in smc.permission_changes().items():
                self.change(pair, allowed, event.seq)
            self.count(event, smc)
        elif event.type == "mediator.probed" or (event.type == "mediator.probe-failed" and event.data()["listEmptied"]):
            self.holders.clear()
        elif event.type == "domain.created":
            data = event.data()
            self.domains[event.domid] = {"created": event.seq, "live": True, **data}
            if data["agent"] is not None:
                self.holders[data["agent"]] = event.domid
        elif event.type == "domain.destroyed":
            self.holders = {agent: domid for agent, domid in self.holders.items() if domid != event.domid}
            if event.domid in self.domains:
                self.domains[event.domid]["live"] = False
        elif event.type == "domain.shutdown":
            domain, data = self.domains.get(event.domid), event.data()
            if domain is not None and domain["live"] and "renamedTo" in data:
                domain["name"] = data["renamedTo"]
                domain["uuid"] = data.get("newUuid", domain["uuid"])
        self.expose(event, smc)

    def count(self, event, smc):
        """A message that succeeds in doing something with a resource uses every device that lists it; a denied one is a denial."""
        agent, about = smc.caller if event.agent is None else event.agent, resource_of(smc)
        if agent is None or about is None or smc.status not in (0, -3) or (smc.status == 0 and not about[2]):
            return
        counted = self.uses if smc.status == 0 else self.denials
        for device in self.board.listed.get(about[:2], ()):
            counted.setdefault((agent, device), []).append(event)

    def change(self, pair, allowed, seq):
        known = self.differing.get(pair)
        if allowed is None:
            if known is not None:
                del self.differing[pair]
                self.restored[pair] = seq
        elif known is None or known[0] != allowed:
            self.differing[pair] = (allowed, seq)

    def permission(self, pair):
        """Whether it is allowed, since which event, and whether that is the board's default."""
        known = self.differing.get(pair)
        if known is not None:
            return known[0], known[1], False
        return self.board.gives(*pair), self.restored.get(pair, self.boot.seq), True

    # Where the firmware allows what neither the board nor anybody's last wish does.

    def expose(self, event, smc):
        if smc is not None:
            named = smc.named_permission() if smc.from_xen else None
            if named is not None:
                agent, device, allowed = named
                if smc.status == 0 or not allowed:
                    self.wanted[(agent, device)] = allowed
                self.judge((agent, device), event, None, "revoke-refused")
            for pair in smc.permission_changes():
                self.judge(pair, event, None, "granted-along" if smc.from_xen else "granted-by-agent")
        elif event.type == "smc.refused" and event.body[12] & 1 and event.kind == "permission.set" and event.input:
            asked = json.loads(event.input)
            if not asked["allowed"]:
                pair = (asked["agentId"], asked["deviceId"])
                self.wanted[pair] = False
                self.judge(pair, event, None, "channel-stuck")
        elif event.type == "domain.destroyed" and event.agent is not None:
            self.withdraw(event, "domain-gone")
        elif event.type == "domain.destroy-refused" and event.agent is not None and event.data()["dying"]:
            self.withdraw(event, "reset-refused")
        elif event.type == "agent.reset" and event.agent is not None:
            data = event.data()
            if data["cause"] == "request" and json.loads(event.input or "{}").get("permissions") is not True:
                return
            cause = "reset-kept" if data["errno"] is None else "reset-refused"
            if data["status"] is None:
                cause = "channel-stuck"
            elif data["status"] == "NOT_SUPPORTED":
                cause = "reset-unsupported"
            self.withdraw(event, cause)

    def withdraw(self, event, cause):
        pairs = {pair for pair in list(self.wanted) + list(self.differing) if pair[0] == event.agent}
        self.wanted = {pair: allowed for pair, allowed in self.wanted.items() if pair[0] != event.agent}
        for pair in sorted(pairs):
            self.judge(pair, event, event.domid, cause)

    def judge(self, pair, event, domid, cause):
        default = self.board.gives(*pair)
        is_exposed = self.permission(pair)[0] and not self.wanted.get(pair, default)
        if is_exposed and pair not in self.open:
            if any((row["agentId"], row["deviceId"], row["fromSeq"]) == (*pair, event.seq) for row in self.exposures):
                return
            self.open[pair] = {
                "agentId": pair[0], "deviceId": pair[1], "fromSeq": event.seq, "fromTime": event.when, "toSeq": None,
                "toTime": None, "domid": self.holders.get(pair[0]) if domid is None else domid, "cause": cause,
            }
            self.exposures.append(self.open[pair])
        elif not is_exposed and pair in self.open:
            self.open.pop(pair).update(toSeq=event.seq, toTime=event.when)


# --- The answers ------------------------------------------------------------------------------------------------------------------


def who(machine, question):
    holders = []
    for agent in sorted(machine.board.agents):
        allowed, since, is_default = machine.permission((agent, question["deviceId"]))
        if not allowed:
            continue
        cause = machine.events[since]
        held = [(domain["created"], domid) for domid, domain in machine.domains.items() if domain["live"] and domain["agent"] == agent]
        domid = max(held)[1] if held else None
        domain = machine.domains.get(domid, {})
        holders.append({
            "agentId": agent, "agentName": machine.board.agents[agent], "domid": domid, "uuid": domain.get("uuid"),
            "domainName": domain.get("name"), "sinceSeq": since, "sinceTime": cause.when, "isDefault": is_default,
            "cause": cause.kind, "actor": cause.actor, "reason": cause.reason,
        })
    return holders


def permissions(machine, _):
    cells = []
    for agent in sorted(machine.board.agents):
        for device in sorted(machine.board.devices):
            allowed, since, _ = machine.permission((agent, device))
            since_time = machine.events[since].when
            cells.append({"agentId": agent, "deviceId": device, "allowed": allowed, "sinceSeq": since, "sinceTime": since_time})
    return cells


def explain(machine, question):
    agent, device = question["agentId"], question["deviceId"]
    allowed, since, is_default = machine.permission((agent, device))
    chain = [machine.configured, machine.boot] if is_default else []
    if since != machine.boot.seq:
        change = machine.events[since]
        chain.append(change)
        for seq in range(since + 1, min(question["at"], change.last_seq) + 1):
            event = machine.events[seq]
            if event.type in ("smc.forwarded", "smc.refused"):
                continue
            if event.agent != agent:
                break
            chain.append(event)
            if event.type != "agent.reset":
                break
    links = [
        {"seq": e.seq, "type": e.type, "time": e.when, "cause": e.kind, "actor": e.actor, "reason": e.reason} for e in chain
    ]
    return {"allowed": allowed, "chain": links}


def exposure(machine, _):
    return sorted(machine.exposures, key=lambda row: (row["fromSeq"], row["agentId"], row["deviceId"]))


def use(machine, question):
    answer = []
    for cell in permissions(machine, question):
        pair = cell["agentId"], cell["deviceId"]
        uses, denials = machine.uses.get(pair, []), machine.denials.get(pair, [])
        asked = all(question.get(name, cell[name]) == cell[name] for name in ("agentId", "deviceId"))
        if not asked or not (cell["allowed"] or uses or denials):
            continue
        row = {name: cell[name] for name in ("agentId", "deviceId", "allowed", "sinceSeq")}
        row.update(uses=len(uses), denials=len(denials))
        for name, events in (("firstUse", uses[:1]), ("lastUse", uses[-1:]), ("lastDenial", denials[-1:])):
            row[name] = events[0].seq if events else None
            row[name + "Time"] = events[0].when if events else None
        answer.append(row)
    return answer


ANSWERS = {"who": who, "permissions": permissions, "explain": explain, "exposure": exposure, "use": use}


# --- The bundle -------------------------------------------------------------------------------------------------------------------


class Bundle:
    """The files of a bundle, from its folder or its archive."""

    def __init__(self, place):
        self.files = {}
        try:
            if os.path.isdir(place):
                for folder, _, names in os.walk(place):
                    for name in names:
                        path = os.path.join(folder, name)
                        with open(path, "rb") as file:
                            self.files[os.path.relpath(path, place).replace(os.sep, "/")] = file.read()
            else:
                with tarfile.open(place, "r:") as archive:
                    for member in archive:
                        if member.isfile():
                            self.files[member.name] = archive.extractfile(member).read()
        except (OSError, tarfile.TarError) as error:
            raise Unable("%s cannot be read: %s" % (place, error))

    def bytes(self, name):
        need(name in self.files, "%s is missing" % name)
        return self.files[name]

    def text(self, name):
        return self.bytes(name).decode()

    def json(self, name):
        return json.loads(self.text(name))

    def entries(self):
        data, at, entries = self.bytes("entries.bin"), 0, []
        while at < len(data):
            length = struct.unpack_from(">H", data, at)[0]
            need(at + 2 + length <= len(data), "entries.bin ends in the middle of an entry")
            entries.append(data[at + 2 : at + 2 + length])
            at += 2 + length
        return entries


def open_checkpoint(bundle, given, witnesses, say):
    """The size and root that the log's key signed, and each of the witnesses with it."""
    chain = bundle.json("keys.json")
    claimed = [Key(link["vkey"]) for link in chain]
    keys = vouched_keys(chain, given or claimed)
    text, signatures = read_note(bundle.text("checkpoint.txt"))
    origin, size, root = (text.split("\n") + ["", "", ""])[:3]
    found = signers(text, signatures, [key for key in keys if key.name == origin])
    need(found, "the checkpoint is signed by no key that is trusted")
    need(re.fullmatch("0|[1-9][0-9]{0,15}", size) and len(unbase64(root) or b"") == 32, "the checkpoint cannot be read")
    say("log", origin)
    say("checkpoint", "over %s events, signed by %s" % (size, found[0].vkey))
    if not given:
        say("trust", "that key is the bundle's own word; give the one that you know with --key")
    for witness in witnesses:
        time = cosigned_at(text, signatures, witness)
        need(time is not None, "the witness %s did not cosign the checkpoint" % witness.name)
        say("witness", "%s saw it on %s" % (witness.name, time_text(time * 1000000)))
    known = {(key.name, key.id) for key in keys + witnesses}
    for name in sorted({name for name, key_id, _ in signatures if (name, key_id) not in known}):
        say("not checked", "a signature of %s: give its key with --witness" % name)
    return int(size), unbase64(root)


def deciding_events(bundle, size, root):
    """The events of the bundle by seq, each proved to be in the log."""
    values = {name[7:]: content for name, content in bundle.files.items() if name.startswith("values/")}
    entries = bundle.entries()
    events = [Event(entry, values) for entry in entries]
    seqs = [event.seq for event in events]
    need(seqs == sorted(set(seqs)), "the events are not in their order")
    leaves = {event.seq - 1: leaf_hash(entry) for event, entry in zip(events, entries)}
    proof = [unbase64(line) for line in bundle.text("proof.txt").split("\n")[:-1]]
    need(all(node is not None and len(node) == 32 for node in proof), "the proof cannot be read")
    need(root_from(size, leaves, proof) == root, "the events are not those that were signed")
    return {event.seq: event for event in events}


def ruling_board(events, boot):
    """The board that rules from a boot on: no other was configured between, for every boot between is here, and brought none."""
    configured = [event for event in events.values() if event.type == "host.configured" and event.seq < boot.seq]
    need(configured, "the event that configured the host is missing")
    newest = max(configured, key=lambda event: event.seq)
    boots = [e for e in events.values() if e.type == "host.booted" and newest.seq < e.seq <= boot.seq]
    boots.sort(key=lambda event: event.seq)
    need(boots[0].command == newest.command, "the first boot with the board is missing")
    for before, after in zip(boots, boots[1:]):
        need(after.epoch == before.epoch + 1, "a boot between the board and the moment is missing")
        need(after.kind != "host.configure", "another board was configured at the boot of event %d" % after.seq)
    return newest


def verify(bundle, given, witnesses, say):
    size, root = open_checkpoint(bundle, given, witnesses, say)
    events = deciding_events(bundle, size, root)
    question = bundle.json("question.json")
    need(question["format"] == "scmi-evidence/v1" and question["kind"] in ANSWERS, "the question is of no known kind")
    at = question["at"]
    need(at in events, "event %s, the last of the moment, is missing" % at)
    boot_seq = max((e.seq for e in events.values() if e.type == "host.booted" and e.seq <= at), default=None)
    need(boot_seq is not None, "the host boot is missing")
    for seq in range(boot_seq, at + 1):
        need(seq in events, "event %d is missing" % seq)
        need(seq == boot_seq or events[seq].time >= events[seq - 1].time, "time falls at event %d" % seq)
    if question["time"] is not None:
        need(events[at].when <= question["time"], "event %d is after the time that was asked for" % at)
        need(at == size or at + 1 in events, "the event behind the moment is missing")
        need(at == size or events[at + 1].when > question["time"], "event %d too is not after the time" % (at + 1))
        if at == size:
            say("note", "the checkpoint ends with event %d: what may have come behind it is not seen here" % at)

    boot = events[boot_seq]
    configured = ruling_board(events, boot)
    machine = Machine(Board(configured), configured, boot)
    for seq in range(boot_seq + 1, at + 1):
        machine.apply(events[seq])
    answer = ANSWERS[question["kind"]](machine, question)
    say("events", "%d to %d, every one since the host boot" % (boot_seq, at))
    say("moment", "after event %d, %s" % (at, events[at].when))
    told = {name: value for name, value in question.items() if name not in ("format", "at", "time")}
    if "deviceId" in question:
        told["deviceName"] = machine.board.devices.get(question["deviceId"])
    say("question", json.dumps(told, ensure_ascii=False))
    same = json.dumps(answer, sort_keys=True) == json.dumps(bundle.json("answer.json"), sort_keys=True)
    need(same, "the answer does not follow from the events; they come to %s" % json.dumps(answer))
    say("answer", json.dumps(answer, ensure_ascii=False))


def arguments(words):
    given, witnesses, places = [], [], []
    words = iter(words)
    for word in words:
        if word in ("--key", "--witness"):
            key = Key(next(words, ""))
            if key.type != (NOTE if word == "--key" else COSIGNATURE):
                raise Unable("%s takes the key of a %s" % (word, "log" if word == "--key" else "witness"))
            (given if word == "--key" else witnesses).append(key)
        elif word.startswith("-"):
            raise Unable(__doc__.strip())
        else:
            places.append(word)
    if len(places) > 1:
        raise Unable(__doc__.strip())
    return given, witnesses, places[0] if places else os.path.dirname(os.path.abspath(__file__))


def main(words):
    lines = []
    try:
        try:
            given, witnesses, place = arguments(words)
        except No as why:
            raise Unable(str(why))
        verify(Bundle(place), given, witnesses, lambda name, text: lines.append("%-12s %s" % (name + ":", text)))
    except Unable as why:
        print(why, file=sys.stderr)
        return 2
    except No as why:
        print("no: %s" % why)
        return 1
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, struct.error, RecursionError, OverflowError) as error:
        print("no: it is not what a bundle is made of (%s: %s)" % (type(error).__name__, error))
        return 1
    print("\n".join(lines))
    print("yes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
