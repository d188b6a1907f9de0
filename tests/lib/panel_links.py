"""Links as a panel signs them, written from docs/guide/panels.md."""

import base64
import hashlib
import hmac
import time
import urllib.parse


def sign(secret, *lines):
    text = "".join(line + "\n" for line in ("manyhands-panel-1", *lines))
    return base64.urlsafe_b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode().rstrip("=")


def link(secret, panel, campaign, worker, seconds=600, changed=()):
    """The path of a link in; `changed`: fields that are different when it arrives."""
    fields = {"campaign": campaign, "worker": worker, "until": str(int(time.time()) + seconds)}
    fields["signature"] = sign(secret, "enter", panel, *fields.values())
    return f"/panels/{panel}/enter?" + urllib.parse.urlencode(fields | dict(changed))
