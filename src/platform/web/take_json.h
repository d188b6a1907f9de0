/* The inputs of a command from a JSON object. */
#pragma once
#include "platform/web/visit.h"

/* False when the body is no JSON object; the reason is in v->reply.sentence. */
bool take_json_body(struct visit *v, struct str body);
