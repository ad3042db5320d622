"""The form of a playbook as JSON Schema (2020-12), for editors that complete and check YAML."""

from typing import Any

from chaguan.communities.types import CommunityType, ContentKind
from chaguan.playbooks.contract import Fields, steps
from chaguan.playbooks.document import Playbook

NAME = "playbook.schema.json"


def playbook_schema() -> dict[str, Any]:
    """What a machine can know of the format: fields, their forms, the step kinds and what each needs.

    Rules over several parts (a track that is named nowhere, an unknown segment) only `lint` knows.
    """
    schema = Playbook.model_json_schema(by_alias=True)
    step = schema["$defs"]["Step"]
    step["properties"]["kind"] = {
        "description": "What the step does.",
        "enum": [code for code, _kind in steps],
    }
    step["allOf"] = [
        {
            "if": {"properties": {"kind": {"const": code}}, "required": ["kind"]},
            "then": {"properties": {"with": _fields(kind.fields, schema["$defs"])}},
        }
        for code, kind in steps
    ]
    schema["properties"]["for"]["items"] = {"enum": [kind.value for kind in CommunityType]}
    schema["properties"]["content_kinds"]["items"] = {"enum": [kind.value for kind in ContentKind]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _fields(form: type[Fields], shared: dict[str, Any]) -> dict[str, Any]:
    """The fields of one kind; what they refer to moves to the definitions of the whole."""
    found = form.model_json_schema(by_alias=True)
    shared.update(found.pop("$defs", {}))
    return found
