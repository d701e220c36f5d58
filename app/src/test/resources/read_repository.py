#!/usr/bin/env python3
"""Reads an unencrypted Tidemark repository, from docs/format.md alone.

usage: read_repository.py DIRECTORY SOURCE

Checks the catalog's chain and every object's hash, and prints the newest state of every table as lines of
TABLE <tab> the row in PostgreSQL's COPY text format. Needs Python's standard library and the program zstd.
Everything is kept in memory: this shows the format, it is no tool for large databases.
"""
import hashlib
import io
import json
import pathlib
import subprocess
import sys


def fail(message):
    sys.exit("read_repository: " + message)


def unzstd(data):
    return subprocess.run(["zstd", "-dcq"], input=data, stdout=subprocess.PIPE, check=True).stdout


# --- Avro -------------------------------------------------------------------------------------------------------------

class Avro:
    """Reads Avro binary by a schema, as far as section files need it."""

    def __init__(self, data, names=None):
        self.data, self.at, self.names = data, 0, names if names is not None else {}

    def take(self, count):
        self.at += count
        return self.data[self.at - count:self.at]

    def long(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return (value >> 1) ^ -(value & 1)

    def bytes(self):
        return self.take(self.long())

    def read(self, schema):
        if isinstance(schema, list):
            return self.read(schema[self.long()])
        kind = schema["type"] if isinstance(schema, dict) else schema
        if kind == "record":
            return {"": schema["name"], **{f["name"]: self.read(f["type"]) for f in schema["fields"]}}
        if kind == "enum":
            return schema["symbols"][self.long()]
        if kind in ("int", "long"):
            return self.long()
        if kind == "boolean":
            return self.take(1) == b"\1"
        if kind == "bytes":
            return self.bytes()
        if kind == "string":
            return self.bytes().decode()
        if kind == "null":
            return None
        if isinstance(kind, (dict, list)):
            return self.read(kind)
        return self.read(self.names[kind])


def collect_names(schema, namespace, names):
    if isinstance(schema, list):
        for branch in schema:
            collect_names(branch, namespace, names)
    elif isinstance(schema, dict):
        if schema.get("type") in ("record", "enum"):
            namespace = schema.get("namespace", namespace)
            names[schema["name"]] = schema
            names["%s.%s" % (namespace, schema["name"])] = schema
        for field in schema.get("fields", []):
            collect_names(field["type"], namespace, names)


def container(data):
    """An Avro object container file: its schema and its entries."""
    avro = Avro(data)
    if avro.take(4) != b"Obj\1":
        fail("a section is not an Avro container")
    meta = {}
    count = avro.long()
    while count:
        for _ in range(abs(count)):
            key = avro.bytes().decode()
            meta[key] = avro.bytes()
        count = avro.long()
    sync = avro.take(16)
    schema = json.loads(meta["avro.schema"])
    names = {}
    collect_names(schema, "", names)
    entries = []
    while avro.at < len(data):
        count = avro.long()
        block = Avro(unzstd(avro.bytes()), names)
        entries += [block.read(schema) for _ in range(count)]
        if avro.take(16) != sync:
            fail("a block does not end with its marker")
    return schema, entries


# --- Section files ----------------------------------------------------------------------------------------------------

def section_file(data):
    """The sections of a segment, run or part: their entry in the footer, their schema and their entries."""
    if data[:5] != b"TMRK\1" or data[-4:] != b"TMRK":
        fail("not a section file")
    length = int.from_bytes(data[-8:-4], "big")
    footer = json.loads(unzstd(data[-8 - length:-8]))
    for section in footer["sections"]:
        region = section["region"]
        body = data[region["offset"]:region["offset"] + region["length"]]
        if hashlib.sha256(body).hexdigest() != region["sha256"]:
            fail("a section was altered")
        yield section, *container(body)


# --- The repository ---------------------------------------------------------------------------------------------------

class Repository:
    def __init__(self, directory):
        self.root = pathlib.Path(directory)
        identity = json.loads((self.root / "tidemark.json").read_text())
        if identity["format"] != 2 or identity["keyId"] is not None:
            fail("only unencrypted repositories of format 2")

    def read(self, ref):
        data = (self.root / ref["name"]).read_bytes()
        if len(data) != ref["bytes"] or hashlib.sha256(data).hexdigest() != ref["sha256"]:
            fail("object %s was altered" % ref["name"])
        return data

    def entries(self):
        previous = "0" * 64
        for number, path in enumerate(sorted((self.root / "catalog").iterdir()), 1):
            data = path.read_bytes()
            commit = json.loads(data)
            if commit["sequence"] != number or commit["previous"] != previous:
                fail("the catalog's chain is broken at " + path.name)
            previous = hashlib.sha256(data).hexdigest()
            yield from commit["entries"]


def position(text):
    epoch, offset = text.split(":")
    return int(epoch), int(offset)


def newest_state(repository, source):
    """The rows of each collection of the newest schema, by collection."""
    pieces, snapshots, schemas = {}, {}, {}
    for entry in repository.entries():
        if entry["source"] != source:
            continue
        kind = entry["type"]
        if kind in ("segment-added", "horizon-moved", "run-added"):
            stretch = entry["stretch"]
            pieces[stretch["epoch"], stretch["after"], stretch["through"]] = entry
        elif kind == "schema-added":
            schemas[position(entry["at"])] = entry["object"]
        elif kind == "snapshot-added":
            snapshots[position(entry["end"]["at"])] = entry
        elif kind == "retired":
            epoch = entry["epoch"]
            for gone in entry["pieces"]:
                pieces.pop((epoch, gone["after"], gone["through"]), None)
            for offset in entry["snapshots"]:
                snapshots.pop((epoch, offset), None)
            for offset in entry["schemas"]:
                schemas.pop((epoch, offset), None)
    epoch = max(e for e, _, _ in pieces)
    walk, after = [], min(a for e, a, _ in pieces if e == epoch)
    while any(e == epoch and a == after for e, a, _ in pieces):
        through = max(t for e, a, t in pieces if e == epoch and a == after)
        walk.append(pieces[epoch, after, through])
        after = through
    ends = [p["stretch"]["lastEnd"] for p in walk if p["stretch"]["lastEnd"]]
    end = position(ends[-1]["at"])
    base = max((at for at in snapshots if at[0] == epoch and at <= end), default=None)
    schema = json.loads(repository.read(schemas[max(at for at in schemas if at[0] == epoch and at <= end)]))

    changes = {}
    if base is not None:
        manifest = json.loads(repository.read(snapshots[base]["manifest"]))
        for collection in manifest["collections"]:
            for part in collection["parts"]:
                collect(repository.read(part["object"]), -1, end[1], changes)
    floor = -1 if base is None else base[1]
    for piece in walk:
        if piece.get("object") and piece["stretch"]["through"] > floor:
            collect(repository.read(piece["object"]), floor, end[1], changes)
    return {name(rows): fold(rows, changes.get(rows["id"], [])) for rows in schema["collections"]}


def name(rows):
    return rows["collection"]["namespace"] + "." + rows["collection"]["name"]


def collect(data, after, through, changes):
    for section, schema, entries in section_file(data):
        into = changes.setdefault(section["id"], [])
        for place in section["truncations"]:
            if after < place["offset"] <= through:
                into.append((place["offset"], place["index"], None, None, None))
        row = [f["type"] for f in schema["fields"] if f["name"] == "before"][0][1]
        ids = {f["name"]: f["tidemark.id"] for f in row["fields"]}
        for entry in entries:
            if after < entry["offset"] <= through:
                values = entry["after"] and {ids[k]: v for k, v in entry["after"].items() if k}
                into.append((entry["offset"], entry["index"], entry["op"], entry, values))


def fold(rows, changes):
    """Applies changes in order of their places; rows without a key are counted."""
    table, gone = {}, {}
    for _, _, op, entry, values in sorted(changes, key=lambda change: change[:2]):
        if op is None:
            table.clear()
            continue
        key = entry["key"]
        before, count = table.get(key, (None, 0))
        if op == "DELETE":
            gone[key] = before
            count -= 1
        elif op == "PATCH":
            old = gone[entry["movedFrom"]] if entry["movedFrom"] is not None else before
            unchanged = [c for c, v in values.items() if isinstance(v, dict)]
            before, count = {**values, **{c: old[c] for c in unchanged}}, 1
        else:
            before, count = values, count + 1 if not rows["key"] else 1
        if count:
            table[key] = (before, count)
        else:
            table.pop(key, None)
    for values, count in table.values():
        line = "\t".join(text(values, column) for column in rows["columns"])
        for _ in range(count):
            yield line


def text(values, column):
    """A value as COPY prints it; a column that came later has the value that rows from before it have."""
    value = values[column["id"]] if column["id"] in values else column["missing"]
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, bytes):
        value = "\\x" + value.hex()
    escapes = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
    return "".join(escapes.get(c, c) for c in str(value))


def main():
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="\n")
    for table, lines in sorted(newest_state(Repository(sys.argv[1]), sys.argv[2]).items()):
        for line in lines:
            out.write(table + "\t" + line + "\n")
    out.flush()


if __name__ == "__main__":
    main()
