"""Ends with 1 when this Triton or a Python model of it has died: the liveness probe of its pod.

Triton never restarts the process of a Python model that crashed, and its own readiness stays true: each request then
takes a second and fails. Only an inference tells. An answer of any kind, a refusal of the made-up input included, shows
a living process, and a model that is slow or busy is none that has died. It runs in the official image, on nothing but
the standard library.
"""

import json
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

_SERVER = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
_PATIENCE_S = 5
_DEAD = "is not healthy"  # what Triton says of a model whose process has ended


def ask(path, body=None):
    """The JSON answer of the server, an error's too."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(_SERVER + path, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE_S) as reply:
            return json.loads(reply.read() or b"{}")
    except urllib.error.HTTPError as error:
        return json.loads(error.read() or b"{}")


def made_up(config):
    """One request of the right shape: a word where text or bytes are wanted, else zeros."""
    inputs = []
    for one in config["input"]:
        batch = [1] if config.get("max_batch_size", 0) > 0 else []
        shape = batch + [max(1, int(size)) for size in one["dims"]]
        count = 1
        for size in shape:
            count *= size
        kind = one["data_type"].removeprefix("TYPE_").replace("STRING", "BYTES")
        value = "probe" if kind == "BYTES" else False if kind == "BOOL" else 0
        inputs.append({"name": one["name"], "shape": shape, "datatype": kind, "data": [value] * count})
    return {"inputs": inputs}


def is_dead(config):
    """Whether an instance of the model is gone; more requests at once than there are instances reach each of them."""
    instances = sum(group.get("count", 1) for group in config.get("instance_group", ())) or 1
    requests = 1 if instances == 1 else 2 * instances

    def answer(_):
        try:
            return str(ask(f"/v2/models/{config['name']}/infer", made_up(config)).get("error", ""))
        except (OSError, ValueError):  # late or unreadable: not this probe's affair
            return ""

    with ThreadPoolExecutor(requests) as pool:
        return any(_DEAD in error for error in pool.map(answer, range(requests)))


def main():
    """The exit status."""
    try:
        ask("/v2/health/live")
        ready = ask("/v2/repository/index", {"ready": True})
        configs = [ask(f"/v2/models/{model['name']}/config") for model in ready]
    except (OSError, ValueError) as error:
        print(f"the server does not answer: {error}")
        return 1
    dead = [config["name"] for config in configs if config.get("backend") == "python" and is_dead(config)]
    if dead:
        print("dead: " + ", ".join(dead))
    return 1 if dead else 0


if __name__ == "__main__":
    sys.exit(main())
