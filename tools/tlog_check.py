#!/usr/bin/env python3
"""Checks what an scmi-control-plane log claims, sharing no code with it.

Written from RFC 6962, RFC 8032, C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof and tlog-tiles, and from
docs/auditing.md for what an entry is. Needs Python 3.8 and, for signatures, the program openssl (1.1.1 or later). Nothing else, and
no network but for `tiles` with a URL.

    tlog_check.py checkpoint --vkey KEY FILE                   a signed checkpoint
    tlog_check.py proof --vkey KEY FILE [--seq N]              a one-file proof that an event is in the log
    tlog_check.py consistency --vkey KEY OLD NEW --proof FILE  that one checkpoint continues another
    tlog_check.py log --vkey KEY --checkpoint FILE DB          every event of an SQLite file, from its rows
    tlog_check.py tiles --vkey KEY PLACE                       a whole log from a URL prefix or a folder

Exit status: 0 it holds, 1 it does not, 2 wrong usage. --vkey may be repeated; a file name may be given with @.
"""

import argparse
import base64
import binascii
import hashlib
import json
import os
import sqlite3
import struct
import subprocess
import sys
import tempfile
import urllib.request

LONGEST_VALUE = 4096
LABEL = b"scmi-event/v1\n"
NAMES = (
    "kind source actor reason program rule_version address command_id request_id traceparent first_seq last_seq digest input "
    "answer_hash seq time epoch type domid agent body"
).split()


class Bad(Exception):
    """What is checked does not hold."""


# RFC 6962, section 2.1


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(entry):
    return sha256(b"\x00" + entry)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def tree_hash(leaves):
    """MTH of a list of leaf hashes, without recursion: equal neighbours are joined as on a stack."""
    if not leaves:
        return sha256(b"")
    stack = []
    for leaf in leaves:
        height = 0
        while stack and stack[-1][0] == height:
            leaf = node_hash(stack.pop()[1], leaf)
            height += 1
        stack.append((height, leaf))
    root = stack.pop()[1]
    while stack:
        root = node_hash(stack.pop()[1], root)
    return root


def root_from_path(leaf, index, size, path):
    """PATH of section 2.1.1, read backwards: the last hash is the sibling at the top."""
    if size == 1:
        if path:
            raise Bad("the path is too long")
        return leaf
    if not path:
        raise Bad("the path is too short")
    k = split(size)
    if index < k:
        return node_hash(root_from_path(leaf, index, k, path[:-1]), path[-1])
    return node_hash(path[-1], root_from_path(leaf, index - k, size - k, path[:-1]))


def roots_from_proof(m, n, proof, old_root, is_whole):
    """SUBPROOF of section 2.1.2, read backwards: the old and the new root of a subtree of n leaves, m of which are old."""
    if m == n:
        if is_whole:
            if proof:
                raise Bad("the proof is too long")
            return old_root, old_root
        if len(proof) != 1:
            raise Bad("the proof has the wrong length")
        return proof[0], proof[0]
    if not proof:
        raise Bad("the proof is too short")
    k = split(n)
    if m <= k:
        old, new = roots_from_proof(m, k, proof[:-1], old_root, is_whole)
        return old, node_hash(new, proof[-1])
    old, new = roots_from_proof(m - k, n - k, proof[:-1], old_root, False)
    return node_hash(proof[-1], old), node_hash(proof[-1], new)


def check_consistency(old, new, proof):
    if old["size"] > new["size"]:
        raise Bad("the older checkpoint is over more events than the newer one")
    if old["size"] == 0:
        if proof or old["root"] != sha256(b""):
            raise Bad("the empty tree has another root, and nothing to prove")
        return
    found = roots_from_proof(old["size"], new["size"], proof, old["root"], True)
    if found != (old["root"], new["root"]):
        raise Bad("the proof leads to other roots")


# Notes


def b64(text, what):
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise Bad("%s is not base64" % what)
    if base64.b64encode(data).decode() != text:
        raise Bad("%s is not base64 as it is written" % what)
    return data


def parse_vkey(text):
    parts = text.strip().split("+", 2)
    if len(parts) != 3:
        raise Bad("a verifier key has three parts")
    name, key_id, material = parts[0], parts[1], b64(parts[2], "the key")
    if len(material) != 33 or material[0] not in (1, 4):
        raise Bad("it is no Ed25519 key")
    if sha256(name.encode() + b"\n" + material)[:4].hex() != key_id:
        raise Bad("the id of the key is not its own")
    return {"name": name, "id": bytes.fromhex(key_id), "type": material[0], "key": material[1:]}


def ed25519_holds(key, message, signature):
    der = bytes.fromhex("302a300506032b6570032100") + key
    with tempfile.TemporaryDirectory() as folder:
        names = {name: os.path.join(folder, name) for name in ("key", "message", "signature")}
        for name, data in (("key", der), ("message", message), ("signature", signature)):
            with open(names[name], "wb") as file:
                file.write(data)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", names["key"], "-rawin"]
        command += ["-in", names["message"], "-sigfile", names["signature"]]
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def open_checkpoint(note, keys):
    """Reads a checkpoint, which one of the keys must have signed, as the log or as a witness; none with a wrong signature."""
    text, divider, tail = note.rpartition("\n\n")
    if not divider or not tail.endswith("\n"):
        raise Bad("it is not a signed note")
    text += "\n"
    signers, cosigners = [], []
    for line in tail[:-1].split("\n"):
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014":
            raise Bad("a signature line is not one")
        data = b64(parts[2], "a signature")
        for key in keys:
            if key["name"] != parts[1] or key["id"] != data[:4]:
                continue
            message, signature = text.encode(), data[4:]
            if key["type"] == 4:
                time = struct.unpack(">Q", signature[:8])[0]
                message, signature = ("cosignature/v1\ntime %d\n%s" % (time, text)).encode(), signature[8:]
            if not ed25519_holds(key["key"], message, signature):
                raise Bad("the signature of %s is wrong" % key["name"])
            (signers if key["type"] == 1 else cosigners).append(key)
    lines = text.split("\n")
    if len(lines) < 4 or not lines[1].isdigit() or str(int(lines[1])) != lines[1]:
        raise Bad("its text is not a checkpoint's")
    root = b64(lines[2], "the root hash")
    if len(root) != 32:
        raise Bad("the root hash is not of 32 bytes")
    if not any(key["name"] == lines[0] for key in signers):
        raise Bad("no key that is trusted signed for %s" % lines[0])
    return {"origin": lines[0], "size": int(lines[1]), "root": root, "cosigners": [key["name"] for key in cosigners]}


# Entries, as docs/auditing.md has them


def value(it):
    if it is None:
        return b"\x00"
    if isinstance(it, int):
        return b"\x01" + struct.pack(">q", it)
    tag, data = (2, it.encode()) if isinstance(it, str) else (3, bytes(it))
    if len(data) > LONGEST_VALUE:
        return bytes([tag + 2]) + struct.pack(">I", len(data)) + sha256(data)
    return bytes([tag]) + struct.pack(">I", len(data)) + data


def entry_of(values):
    return LABEL + b"".join(value(it) for it in values)


def read_entry(entry):
    """The values of an entry; of long ones their length and hash."""
    if not entry.startswith(LABEL):
        raise Bad("it is not the entry of an event")
    at, values = len(LABEL), []
    while at < len(entry):
        tag = entry[at]
        at += 1
        if tag == 0:
            values.append(None)
        elif tag == 1:
            values.append(struct.unpack_from(">q", entry, at)[0])
            at += 8
        elif tag in (2, 3, 4, 5):
            length = struct.unpack_from(">I", entry, at)[0]
            stored = 32 if tag > 3 else length
            data = entry[at + 4 : at + 4 + stored]
            at += 4 + stored
            if len(data) != stored:
                raise Bad("the entry is cut short")
            if tag > 3:
                values.append("%d bytes with the SHA-256 %s" % (length, data.hex()))
            else:
                values.append(data.decode() if tag == 2 else data.hex())
        else:
            raise Bad("the entry has an unknown value")
    if len(values) != len(NAMES):
        raise Bad("the entry has %d values, not %d" % (len(values), len(NAMES)))
    return dict(zip(NAMES, values))


ROWS = """
    SELECT c.kind, c.source, c.actor, c.reason, p.version, c.rule_version, c.address,
        c.id, c.request_id, c.traceparent, c.first_seq, c.last_seq, c.digest, c.input, c.answer_hash,
        e.seq, e.time, e.epoch, e.type, e.domid, e.agent, e.body
    FROM events AS e LEFT JOIN commands AS c ON c.id = e.command_id LEFT JOIN programs AS p ON p.id = c.program
    ORDER BY e.seq"""


def log_leaves(db, size):
    leaves = []
    connection = sqlite3.connect("file:%s?mode=ro" % urllib.request.pathname2url(db), uri=True)
    for row in connection.execute(ROWS):
        if len(leaves) == size:
            break
        if row[15] != len(leaves) + 1:
            raise Bad("event %d is missing" % (len(leaves) + 1))
        leaves.append(leaf_hash(entry_of(row)))
    if len(leaves) < size:
        raise Bad("the log ends at event %d; the checkpoint is over %d" % (len(leaves), size))
    return leaves


# Tiles


def tile_path(level, index, width):
    digits = "%d" % index
    digits = digits.zfill((len(digits) + 2) // 3 * 3)
    parts = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    path = "/".join(["x" + part for part in parts[:-1]] + parts[-1:])
    return "tile/%s/%s%s" % (level, path, "" if width == 256 else ".p/%d" % width)


def fetch(place, path):
    if place.startswith(("http://", "https://")):
        with urllib.request.urlopen(place.rstrip("/") + "/" + path) as response:
            return response.read()
    with open(os.path.join(place, *path.split("/")), "rb") as file:
        return file.read()


def bundle_leaves(bundle):
    at, leaves = 0, []
    while at < len(bundle):
        length = struct.unpack_from(">H", bundle, at)[0]
        if at + 2 + length > len(bundle):
            raise Bad("a bundle is cut short")
        leaves.append(leaf_hash(bundle[at + 2 : at + 2 + length]))
        at += 2 + length
    return leaves


def check_tiles(place, head):
    """All tiles of all levels, each held to the one below, the lowest to the entries, the top to the root."""
    level, below = 0, None
    while head["size"] >> (8 * level):
        count, hashes = head["size"] >> (8 * level), []
        for index in range((count + 255) // 256):
            width = min(256, count - 256 * index)
            data = fetch(place, tile_path(level, index, width))
            if len(data) != 32 * width:
                raise Bad("%s has %d bytes" % (tile_path(level, index, width), len(data)))
            tile = [data[i : i + 32] for i in range(0, len(data), 32)]
            if level == 0 and tile != bundle_leaves(fetch(place, tile_path("entries", index, width))):
                raise Bad("the entries of tile %d are not those of its leaves" % index)
            hashes += tile
        if level == 0:
            leaves = hashes
        elif hashes != [tree_hash(below[i : i + 256]) for i in range(0, 256 * count, 256)]:
            raise Bad("level %d is not the one that the level below gives" % level)
        level, below = level + 1, hashes
    if tree_hash(leaves if head["size"] else []) != head["root"]:
        raise Bad("the leaves give another root")


# The command line


def text_of(path):
    with open(path, "rb") as file:
        try:
            return file.read().decode()
        except UnicodeDecodeError:
            raise Bad("%s is not UTF-8" % path)


def parse_proof(text):
    head, divider, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not divider or lines.pop(0) != "c2sp.org/tlog-proof@v1":
        raise Bad("it is not a proof")
    entry = b64(lines.pop(0)[6:], "the entry") if lines and lines[0].startswith("extra ") else None
    if not lines or not lines[0].startswith("index ") or not lines[0][6:].isdigit():
        raise Bad("it has no index")
    index = int(lines.pop(0)[6:])
    return entry, index, [b64(line, "a hash") for line in lines], checkpoint


def checked(arguments):
    keys = []
    for given in arguments.vkey:
        for line in text_of(given[1:]).split("\n") if given.startswith("@") else [given]:
            if line.strip():
                keys.append(parse_vkey(line))

    def head_of(path):
        return open_checkpoint(text_of(path), keys)

    if arguments.what == "checkpoint":
        head = head_of(arguments.file)
        return "%s, %d events, root %s" % (head["origin"], head["size"], head["root"].hex())
    if arguments.what == "proof":
        entry, index, path, checkpoint = parse_proof(text_of(arguments.file))
        head = open_checkpoint(checkpoint, keys)
        if entry is None:
            raise Bad("it has no entry")
        if arguments.seq not in (None, index + 1):
            raise Bad("it is of event %d" % (index + 1))
        if index >= head["size"] or root_from_path(leaf_hash(entry), index, head["size"], path) != head["root"]:
            raise Bad("its path leads to another root")
        values = read_entry(entry)
        if values["seq"] != index + 1:
            raise Bad("its entry is of event %s" % values["seq"])
        return json.dumps(values, indent=2)
    if arguments.what == "consistency":
        old, new = head_of(arguments.old), head_of(arguments.new)
        if old["origin"] != new["origin"]:
            raise Bad("they are of two logs")
        check_consistency(old, new, [bytes.fromhex(it) for it in json.loads(text_of(arguments.proof))["proof"]])
        return "%d events continue the %d of before" % (new["size"], old["size"])
    if arguments.what == "log":
        head = head_of(arguments.checkpoint)
        if tree_hash(log_leaves(arguments.db, head["size"])) != head["root"]:
            raise Bad("the events are not those that were signed")
        return "%d events are those that were signed" % head["size"]
    head = open_checkpoint(fetch(arguments.place, "checkpoint").decode(), keys)
    check_tiles(arguments.place, head)
    return "%d events, root %s" % (head["size"], head["root"].hex())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    whats = parser.add_subparsers(dest="what", required=True)
    takes = {
        "checkpoint": ["file"],
        "proof": ["file", "--seq"],
        "consistency": ["old", "new", "--proof"],
        "log": ["--checkpoint", "db"],
        "tiles": ["place"],
    }
    for what, names in takes.items():
        command = whats.add_parser(what)
        command.add_argument("--vkey", action="append", required=True)
        for name in names:
            if name == "--seq":
                command.add_argument(name, type=int)
            else:
                command.add_argument(name, **({"required": True} if name.startswith("-") else {}))
    arguments = parser.parse_args()
    try:
        print(checked(arguments))
    except (Bad, OSError, struct.error, sqlite3.Error, ValueError, KeyError) as problem:
        print("tlog_check: it does not hold: %s" % problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
