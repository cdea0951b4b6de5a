"""The OpenAPI document as what it is for the server: operations, schemas, and values that fit them,
nearly fit them or do not fit them at all. Written anew here, so that a mistake of the server's own
checker is not made twice."""

import datetime
import json
import re

METHODS = ("get", "post", "put", "patch", "delete")


class Operation:
    def __init__(self, path, method, description):
        self.path, self.method, self.description = path, method.upper(), description
        self.id = description["operationId"]
        self.permission = description.get("x-permission")
        self.public = description.get("security") == []
        self.is_global = description.get("x-global", False)
        self.is_session = description.get("x-session", False)
        self.audit = description.get("x-audit")
        self.parameters = description.get("parameters", [])
        content = description.get("requestBody", {}).get("content", {})
        self.body = content.get("application/json", {}).get("schema")
        self.raw = "application/octet-stream" in content
        self.success = int(next(code for code in description["responses"] if code[0] == "2"))
        answer = description["responses"][str(self.success)].get("content", {})
        self.type, self.schema = next(
            ((kind, what["schema"]) for kind, what in answer.items()), (None, None))
        self.is_stream = self.type == "text/event-stream"

    def url(self, values):
        return re.sub(r"\{(\w+)\}", lambda m: str(values[m.group(1)]), self.path)

    def path_parameters(self):
        return [p for p in self.parameters if p["in"] == "path"]


class Contract:
    def __init__(self, document):
        self.document = document
        self.operations = [Operation(path, method, of[method])
                           for path, of in document["paths"].items()
                           for method in METHODS if method in of]

    @staticmethod
    def load(path):
        with open(path, encoding="utf-8") as f:
            return Contract(json.load(f))

    def find(self, operation_id):
        return next(o for o in self.operations if o.id == operation_id)

    def resolve(self, schema):
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    # ---- Does it fit? ----

    def complaint(self, schema, value, place=""):
        """What is wrong with value, or None."""
        schema = self.resolve(schema)
        if "oneOf" in schema:
            complaints = [self.complaint(one, value, place) for one in schema["oneOf"]]
            return None if complaints.count(None) == 1 else f"{place}: {complaints}"
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(is_a(kind, value) for kind in kinds):
            return f"{place}: {value!r} is no {kinds}"
        if "enum" in schema and not any(type(value) is type(e) and value == e
                                        for e in schema["enum"]):
            return f"{place}: {value!r} is not in {schema['enum']}"
        for name, bad in (("minimum", lambda m: value < m), ("maximum", lambda m: value > m),
                          ("minLength", lambda m: len(value) < m),
                          ("maxLength", lambda m: len(value) > m),
                          ("minItems", lambda m: len(value) < m),
                          ("maxItems", lambda m: len(value) > m),
                          ("minProperties", lambda m: len(value) < m)):
            if name in schema and value is not None and bad(schema[name]):
                return f"{place}: {str(value)[:200]!r} against {name} {schema[name]}"
        if isinstance(value, str):
            return None if format_fits(schema.get("format"), value) else (
                f"{place}: {value!r} is no {schema['format']}")
        if isinstance(value, dict):
            return self.object_complaint(schema, value, place)
        if isinstance(value, list) and "items" in schema:
            return next((c for c in (self.complaint(schema["items"], item, f"{place}/{i}")
                                     for i, item in enumerate(value)) if c), None)
        return None

    def object_complaint(self, schema, value, place):
        for name in schema.get("required", ()):
            if name not in value:
                return f"{place}: {name} is missing"
        for name, member in value.items():
            inner = schema.get("properties", {}).get(name)
            if inner is None and schema.get("additionalProperties") is not True:
                return f"{place}: there is no member {name}"
            complaint = self.complaint(inner, member, f"{place}/{name}") if inner else None
            if complaint:
                return complaint
        return None

    def answer_complaint(self, operation, answer):
        """What is wrong with an answer by the document, or None."""
        kind = answer.headers.get("Content-Type")
        if answer.status >= 400:
            if kind != "application/problem+json":
                return f"a problem as {kind}"
            problem = answer.json
            return self.complaint({"$ref": "#/components/schemas/Problem"}, problem) or (
                None if problem["status"] == answer.status else "another status in the problem")
        if answer.status == 304:
            return None if answer.body == b"" else "304 with a body"
        if answer.status != operation.success:
            return f"{answer.status} is not in the document"
        if operation.schema is None:
            return None if answer.body == b"" else "a body where there is none"
        if kind != operation.type:
            return f"{kind} instead of {operation.type}"
        if kind == "application/json":
            return self.complaint(operation.schema, answer.json)
        return None


def is_a(kind, value):
    if kind in ("integer", "number") and isinstance(value, bool):
        return False
    return isinstance(value, {"object": dict, "array": list, "string": str, "integer": int,
                              "number": (int, float), "boolean": bool,
                              "null": type(None)}[kind])


def format_fits(form, text):
    if form == "digest":
        return re.fullmatch("[0-9a-f]{32}", text) is not None
    if form == "date-time":
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text):
            return False
        try:
            datetime.datetime.fromisoformat(text[:19])
        except ValueError:
            return False
    return True
