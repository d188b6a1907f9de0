"""The OpenAPI 3.1 document of the routes under /api/v1, as a dict."""

ID_PATTERN = "^[0-9a-hjkmnp-tv-z]{13}$"

ABOUT = """Everything people do on the pages can be done here too, under the same permissions.

Ids are 13 lower-case letters and digits, times are RFC 3339 in UTC. A mistake is answered as problem
details (RFC 9457, `application/problem+json`) with a stable `code`, and with one entry in `problems`
for each input that needs another value. A POST may carry an `Idempotency-Key`: sent again with the
same body, it acts once and gives the same answer."""

PROBLEMS = {
    400: ("BadRequest", "The request is not well-formed."),
    401: ("Unauthorized", "A valid bearer token is needed."),
    403: ("Forbidden", "This is not permitted with this token."),
    404: ("NotFound", "There is nothing here, or nothing you may know of."),
    409: ("Conflict", "It conflicts with what is there, or the idempotency key was used differently."),
    413: ("TooLarge", "The request is larger than this route takes."),
    415: ("UnsupportedMediaType", "The body must be application/json."),
    422: ("Unprocessable", "Some inputs need another value; see `problems`."),
    429: ("TooManyRequests", "Too many requests; try again after the time in Retry-After."),
    503: ("Unavailable", "The server could not do it now; nothing has changed. Try again."),
}


def openapi_document(all_rooms, routes):
    routes = [route for route in routes if route.api]
    paths = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = operation(route)
    used_rooms = [room for room in all_rooms.rooms if any(route.room is room for route in routes)]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Manyhands", "version": "1", "summary": "Crowdsourcing campaigns of all kinds.",
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/api/v1", "description": "This server"}],
        "security": [{"bearerAuth": []}, {}],
        "tags": [{"name": room.name, "description": f"Routes of {room.name}."} for room in used_rooms],
        "paths": paths,
        "components": components(all_rooms, routes),
    }


def components(all_rooms, routes):
    used_problems = {status for route in routes for status in problem_statuses(route)}
    result = {
        "schemas": {"Problem": PROBLEM_SCHEMA} if routes else {},
        "responses": {PROBLEMS[s][0]: problem_response(s) for s in sorted(used_problems)},
        "securitySchemes": {"bearerAuth": {
            "type": "http", "scheme": "bearer",
            "description": "A personal access token. Its scopes (read, participate, moderate, manage)"
                           " bound what it may do; each operation names the one it needs in x-scope."}},
    }
    if any(route.kind == "command" for route in routes):
        result["parameters"] = {"IdempotencyKey": IDEMPOTENCY_KEY}
    for view in used_views(all_rooms, routes):
        result["schemas"][view.name] = view_schema(view)
    return result


def used_views(all_rooms, routes):
    """The views answered by routes, and those they hold; the others are pages' own affair."""
    names, waiting = set(), [route.answer for route in routes if route.answer]
    while waiting:
        name = waiting.pop()
        if name not in names:
            names.add(name)
            waiting += [f.target for f in all_rooms.views[name].fields.values()
                        if f.kind in ("view", "list")]
    return [all_rooms.views[name] for name in sorted(names)]


# --- Operations ----------------------------------------------------------------------------------

def operation(route):
    parameters = [parameter(i, "path") for i in route.path_inputs]
    others = [i for i in route.inputs if not i.in_path]
    result = {"operationId": route.name, "summary": route.help, "tags": [route.room.name],
              "x-permission": route.permission, "x-scope": route.scope}
    if route.event:
        result["x-event"] = route.event
    if route.kind == "page":
        parameters += [parameter(i, "query") for i in others]
    else:
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
        result["requestBody"] = request_body(others)
    if parameters:
        result["parameters"] = parameters
    result["responses"] = responses(route)
    return result


def parameter(i, place):
    result = {"name": i.name, "in": place, "required": i.required or place == "path",
              "schema": input_schema(i)}
    if i.hint or i.label:
        result["description"] = i.hint or i.label
    return result


def request_body(inputs):
    """As JSON; where a file is asked for, as a form too, without base 64."""
    content = {"application/json": {"schema": body_schema(inputs, input_schema)}}
    if any(i.type == "file" for i in inputs):
        content["multipart/form-data"] = {"schema": body_schema(inputs, form_schema)}
    return {"required": any(i.required for i in inputs), "content": content}


def body_schema(inputs, schema_of):
    required = [i.name for i in inputs if i.required]
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    for i in inputs:
        schema["properties"][i.name] = schema_of(i) | {"description": i.hint or i.label}
    if required:
        schema["required"] = required
    return schema


def form_schema(i):
    return {"type": "string", "contentMediaType": "application/octet-stream"} if i.type == "file" else input_schema(i)


def input_schema(i):
    schema = {
        "email": {"type": "string", "format": "email"},
        "password": {"type": "string", "format": "password"},
        "int": {"type": "integer", "format": "int64", "minimum": i.min, "maximum": i.max},
        "bool": {"type": "boolean"},
        "choice": {"type": "string", "enum": [name for name, _ in i.values]},
        "time": {"type": "string", "format": "date-time"},
        "id": {"type": "string", "pattern": ID_PATTERN},
        "token": {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"},
        "colour": {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"},
        "file": FILE_SCHEMA,
        "fields": {"type": "object", "maxProperties": 64,
                   "additionalProperties": {"type": ["string", "number", "boolean", "null"]}},
    }.get(i.type, {"type": "string"})
    schema = dict(schema)
    if i.type in ("line", "text", "markdown", "email", "password", "token"):
        least = i.min if i.required else 0
        schema |= ({"minLength": max(least, 1)} if i.required else {}) | {"maxLength": i.max}
    if i.default is not None:
        schema["default"] = {"int": int, "bool": lambda text: text == "true"}.get(i.type, str)(i.default)
    return schema


FILE_SCHEMA = {
    "type": "object", "additionalProperties": False, "required": ["filename", "base64"],
    "properties": {"filename": {"type": "string", "maxLength": 255},
                   "base64": {"type": "string", "contentEncoding": "base64"}},
}

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key", "in": "header", "required": False,
    "description": "Up to 100 printable ASCII characters, fresh for each act (a UUID does well). The"
                   " same key with the same body acts once, as long as the campaign lives (two days outside campaigns).",
    "schema": {"type": "string", "minLength": 1, "maxLength": 100},
}


# --- Answers -------------------------------------------------------------------------------------

def responses(route):
    good = "201" if route.creates else "200"
    schema = ({"$ref": f"#/components/schemas/{route.answer}"} if route.answer
              else {"type": ["object", "array"]} if route.produces else {"type": "object"})
    answer = {"description": "Done." if route.kind == "command" else "What was asked for.",
              "content": {"application/json": {"schema": schema}}}
    if route.kind == "page" and route.produces:
        answer["content"] = {route.produces: {
            "schema": {} if route.produces == "application/json" else {"type": "string"}}}  # {}: any JSON
    if route.creates:
        answer["headers"] = {"Location": {"description": "Where the new thing is.",
                                          "schema": {"type": "string"}}}
    result = {good: answer}
    for status in problem_statuses(route):
        result[str(status)] = {"$ref": f"#/components/responses/{PROBLEMS[status][0]}"}
    return result


def problem_statuses(route):
    statuses = [401, 403, 404, 422, 429, 503]
    if route.kind == "command":
        statuses += [400, 409, 413, 415]
    return sorted(statuses)


def problem_response(status):
    headers = {}
    if status in (429, 503):
        headers = {"headers": {"Retry-After": {"description": "Seconds to wait.",
                                               "schema": {"type": "integer"}}}}
    return {"description": PROBLEMS[status][1], **headers, "content": {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}


PROBLEM_SCHEMA = {
    "type": "object",
    "description": "Problem details after RFC 9457.",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "description": "about:blank: the code says what it is."},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "One sentence for people."},
        "code": {"type": "string", "description": "A stable word for programs."},
        "problems": {"type": "array", "items": {
            "type": "object", "required": ["field", "message"],
            "properties": {
                "field": {"type": "string", "description": "The input; empty for all together."},
                "message": {"type": "string"}}}},
    },
}


def view_schema(view):
    fields = {f.name: field_schema(f) for f in view.fields.values()
              if f.kind not in ("html", "url", "form")}
    return {"type": "object", "properties": fields, "required": list(fields)}


def field_schema(f):
    if f.kind == "view":
        return {"$ref": f"#/components/schemas/{f.target}"}
    if f.kind == "list":
        return {"type": "array", "items": {"$ref": f"#/components/schemas/{f.target}"}}
    return {
        "id": {"type": ["string", "null"], "pattern": ID_PATTERN},
        "time": {"type": ["string", "null"], "format": "date-time"},
        "int": {"type": "integer", "format": "int64"},
        "real": {"type": ["number", "null"]},
        "bool": {"type": "boolean"},
        "text": {"type": "string"},
    }[f.kind]
