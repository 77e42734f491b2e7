"""The chart lints, renders, validates, and agrees with the services it deploys."""

from __future__ import annotations

import importlib
import json
import re
import warnings
from typing import Any

import helm_python as helm
import kubernetes_validate
import pytest
import yaml

from gateway.pictures.intake import MAX_BYTES
from servicekit.lifecycle import LIVENESS
from servicekit.settings import ServiceSettings
from tests.chart.render import CHART, GOLDEN, ROOT, golden, objects

pytestmark = pytest.mark.chart

VARIANTS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "everything": {
        "tls": {"secretName": "mesh-tls"},
        "otlpEndpoint": "http://collector:4318/v1/traces",
        "gateway": {
            "autoscaling": {"enabled": True},
            "ingress": {"enabled": True, "host": "desk.example", "className": "nginx", "tlsSecretName": "desk-tls"},
            "extraEnv": {"STICKERDESK_GATEWAY_LOG_LEVEL": "debug"},
        },
        "orchestrator": {"replicas": 3},
        "database": {"existingSecret": "sql"},
        "llm": {"baseUrl": "https://llm.example/v1", "model": "qwen-plus", "apiKeySecret": "llm"},
        "triton": {"resources": {"limits": {"nvidia.com/gpu": 1}}},
    },
    "all external": {
        "triton": {"externalUrl": "triton.ml:8001"},
        "redis": {"externalUrl": "rediss://cache.example:6380/0"},
        "recommender": {"replicas": 3, "persistence": {"enabled": False}},
        "gateway": {"tokenSecretName": "tokens", "replicas": 1, "persistence": {"accessMode": "ReadWriteOnce"}},
        "networkPolicy": {"enabled": False},
        "metrics": {"enabled": False},
    },
}
WORKLOADS = ("Deployment", "StatefulSet")
KUBERNETES = ("1.27", "1.34")


@pytest.fixture(params=VARIANTS, name="rendered")
def _rendered(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    return objects(VARIANTS[request.param])


def containers(rendered: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(component, pod spec, container) of every pod template and pod."""
    found = []
    for item in rendered:
        spec = item["spec"]["template"]["spec"] if item["kind"] in WORKLOADS else item.get("spec")
        if item["kind"] in (*WORKLOADS, "Pod"):
            component = item["metadata"]["labels"]["app.kubernetes.io/component"]
            found += [(component, spec, container) for container in spec["containers"]]
    return found


def test_lint_has_no_error_and_no_warning() -> None:
    """Only the advice to add an icon is left."""
    findings = helm.lint(str(CHART))
    assert findings["errors"] == []
    assert [m for m in findings["messages"] if "icon is recommended" not in m["error"]] == []


def test_the_default_render_is_the_golden_one() -> None:
    """A change of the render is seen in review; `python -m tests.chart.render` accepts it."""
    assert golden() == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("version", KUBERNETES)
def test_every_object_is_valid(rendered: list[dict[str, Any]], version: str) -> None:
    """Strict validation by Kubernetes' own schemas; a warning is a failure."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for item in rendered:
            kubernetes_validate.validate(item, version, strict=True)


def test_services_and_policies_reach_the_pods_they_mean(rendered: list[dict[str, Any]]) -> None:
    """Each selector matches exactly one workload, and each target port is a port of its container."""
    pods = {item["metadata"]["name"]: item["spec"]["template"] for item in rendered if item["kind"] in WORKLOADS}

    def selected(labels: dict[str, str]) -> list[dict[str, Any]]:
        return [pod for pod in pods.values() if labels.items() <= pod["metadata"]["labels"].items()]

    for item in rendered:
        if item["kind"] == "Service":
            (pod,) = selected(item["spec"]["selector"])
            names = {port["name"] for container in pod["spec"]["containers"] for port in container["ports"]}
            assert {port["targetPort"] for port in item["spec"]["ports"]} <= names
        elif item["kind"] in ("NetworkPolicy", "PodDisruptionBudget"):
            selector = item["spec"].get("podSelector") or item["spec"]["selector"]
            assert len(selected(selector["matchLabels"])) == 1
        elif item["kind"] in WORKLOADS:
            assert selected(item["spec"]["selector"]["matchLabels"]) == [item["spec"]["template"]]


def test_only_those_reach_a_part_who_need_it() -> None:
    """The edge shares its limits over the store, and has no business with the models."""
    policies = {i["metadata"]["name"]: i for i in objects() if i["kind"] == "NetworkPolicy"}
    services = {"orchestrator", "recommender"}
    for name, wanted in (("valkey", services | {"gateway"}), ("triton", services)):
        peers = policies[f"desk-stickerdesk-{name}"]["spec"]["ingress"][0]["from"]
        components = {peer["podSelector"]["matchLabels"]["app.kubernetes.io/component"] for peer in peers}
        assert components == wanted


def test_tenants_and_pictures_come_from_secrets() -> None:
    """A tenants Secret is mounted into edge and orchestrator; S3 credentials come as the gateway's environment."""
    values = {
        "tenants": {"existingSecret": "shops"},
        "gateway": {
            "pictures": {"url": "s3://pictures/eu", "credentialsSecret": "s3"},
            "persistence": {"enabled": False},
        },
        "llm": {"dialect": "anthropic"},
    }
    deployed = {i["metadata"]["name"]: i for i in objects(values) if i["kind"] == "Deployment"}
    for name in ("desk-stickerdesk-gateway", "desk-stickerdesk-orchestrator"):
        pod = deployed[name]["spec"]["template"]["spec"]
        told = {one["name"]: one.get("value") for one in pod["containers"][0]["env"]}
        mounts = {one["name"]: one["mountPath"] for one in pod["containers"][0]["volumeMounts"]}
        assert told["STICKERDESK_TENANTS_FILE"] == f"{mounts['tenants']}/tenants.yaml"
        assert {"name": "tenants", "secret": {"secretName": "shops"}} in pod["volumes"]
    gateway = deployed["desk-stickerdesk-gateway"]["spec"]["template"]["spec"]["containers"][0]
    assert gateway["envFrom"] == [{"secretRef": {"name": "s3"}}]


def test_providers_and_tool_servers_with_keys_come_from_a_secret() -> None:
    """Fallback providers and MCP servers carry keys, so their settings come from a Secret of the merchant's."""
    rendered = objects({"orchestrator": {"extraEnvSecret": "providers"}})
    (container,) = (found for part, _, found in containers(rendered) if part == "orchestrator")
    assert container["envFrom"] == [{"secretRef": {"name": "providers"}}]
    about = (CHART / "values.yaml").read_text("utf-8").partition("extraEnvSecret")[0][-400:]
    named = re.findall(r"STICKERDESK_([A-Z_]+)", about)
    assert named
    assert {name.lower() for name in named} <= set(settings_of("orchestrator").model_fields)


def settings_of(service: str) -> type[ServiceSettings]:
    module = importlib.import_module(f"{service}.settings")
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, ServiceSettings) and value.service == service
    ]
    return classes[-1]


def test_every_variable_is_a_setting_of_the_service(rendered: list[dict[str, Any]]) -> None:
    """No variable is set that its service does not read."""
    for component, _, container in containers(rendered):
        if component not in ("gateway", "orchestrator", "recommender"):
            continue
        fields = settings_of(component).model_fields
        for variable in container["env"]:
            own = f"STICKERDESK_{component.upper()}_"
            name = variable["name"].removeprefix(own).removeprefix("STICKERDESK_").lower()
            assert name in fields, f"{component} does not read {variable['name']}"


def test_every_address_is_a_service_of_the_chart() -> None:
    """What a service is told to call exists, on that port."""
    rendered = objects()
    known = {
        f"{item['metadata']['name']}:{port['port']}"
        for item in rendered
        if item["kind"] == "Service"
        for port in item["spec"]["ports"]
    }
    told = {
        re.sub(r"^(dns:///|redis://)|/\d+$", "", variable["value"])
        for _, _, container in containers(rendered)
        for variable in container.get("env", ())
        if variable["name"].endswith("_URL")
    }
    assert told
    assert told <= known


def test_pods_run_without_privileges(rendered: list[dict[str, Any]]) -> None:
    """The "restricted" Pod Security Standard, for every container, and no token of the API."""
    for _, pod, container in containers(rendered):
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        security = container["securityContext"]
        assert security["allowPrivilegeEscalation"] is False
        assert security["readOnlyRootFilesystem"] is True
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["requests"]
        assert not container["image"].endswith(":latest")
        assert ":" in container["image"]


def test_grpc_services_have_native_probes_and_time_to_drain(rendered: list[dict[str, Any]]) -> None:
    """Kubernetes asks grpc.health.v1 itself, without TLS, and waits longer than the drain."""
    for component, pod, container in containers(rendered):
        if component in ("orchestrator", "recommender", "triton"):
            ports = {port["name"]: port["containerPort"] for port in container["ports"]}
            plain = ports.get("health", ports["grpc"])
            assert container["readinessProbe"]["grpc"]["port"] == plain
            assert container["startupProbe"]["grpc"]["port"] == plain
            assert pod["terminationGracePeriodSeconds"] > 30


def test_liveness_asks_what_a_hung_process_cannot_answer(rendered: list[dict[str, Any]]) -> None:
    """An open port says nothing: the kernel answers for a loop that hangs and for a model that has died."""
    for component, _, container in containers(rendered):
        if component == "test":
            continue
        probe = container["livenessProbe"]
        assert "tcpSocket" not in probe
        if component in ("orchestrator", "recommender"):
            ports = {port["name"]: port["containerPort"] for port in container["ports"]}
            assert probe["grpc"] == {"port": ports.get("health", ports["grpc"]), "service": LIVENESS}
        if component == "triton":
            (script,) = (item["data"] for item in rendered if item["kind"] == "ConfigMap")
            assert probe["exec"]["command"][-1] == f"/probe/{next(iter(script))}"


def test_a_store_that_still_loads_is_not_ready() -> None:
    """`valkey-cli ping` ends with 0 for "LOADING", too; and its memory has a bound below the limit of the pod."""
    (container,) = (found for part, _, found in containers(objects()) if part == "valkey")
    for probe in ("startupProbe", "readinessProbe"):
        assert "PONG" in container[probe]["exec"]["command"][-1]
    bound = container["args"][container["args"].index("--maxmemory") + 1]
    assert bound == "640mb"
    assert container["resources"]["limits"]["memory"] == "1Gi"


def test_a_gateway_behind_an_ingress_sees_its_customers_addresses() -> None:
    """Else all of them share the ingress's one address and its caps; annotations of one's own win over the chart's."""
    times = "nginx.ingress.kubernetes.io/proxy-read-timeout"
    ingress = {"enabled": True, "host": "desk.example", "annotations": {times: "30", "own": "yes"}}
    rendered = objects({"gateway": {"ingress": ingress}})
    (gateway,) = (found for part, _, found in containers(rendered) if part == "gateway")
    told = {one["name"]: one.get("value") for one in gateway["env"]}
    assert told["STICKERDESK_GATEWAY_TRUSTED_PROXIES"] == "1"
    (made,) = (item for item in rendered if item["kind"] == "Ingress")
    assert (made["metadata"]["annotations"][times], made["metadata"]["annotations"]["own"]) == ("30", "yes")
    body = made["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-body-size"]
    assert int(body.removesuffix("m")) * 1024 * 1024 > MAX_BYTES  # nginx would refuse pictures over 1 MiB


def test_large_numbers_of_extra_variables_stay_numbers() -> None:
    """Helm holds them as floats, and 5.36870912e+08 is no integer to a setting."""
    values = {"gateway": {"extraEnv": {"STICKERDESK_GATEWAY_UNFINISHED_BYTES": 536870912, "NO_PROXY": "a,b"}}}
    (gateway,) = (found for part, _, found in containers(objects(values)) if part == "gateway")
    told = {one["name"]: one.get("value") for one in gateway["env"]}
    assert (told["STICKERDESK_GATEWAY_UNFINISHED_BYTES"], told["NO_PROXY"]) == ("536870912", "a,b")


def test_only_tritons_pods_go_to_the_nodes_of_its_own() -> None:
    """A GPU's nodes are tainted; what all pods have stays."""
    gpu = {"key": "nvidia.com/gpu", "operator": "Exists"}
    rendered = objects({
        "nodeSelector": {"pool": "shop"},
        "triton": {"tolerations": [gpu], "nodeSelector": {"gpu": "yes"}},
        "affinity": {"podAntiAffinity": {}}, "priorityClassName": "high", "podAnnotations": {"a": "b"},
        "serviceAccount": {"annotations": {"role": "pictures"}},
    })  # fmt: skip
    pods = {part: pod for part, pod, _ in containers(rendered) if part != "test"}
    assert pods["triton"]["nodeSelector"] == {"pool": "shop", "gpu": "yes"}
    assert pods["triton"]["tolerations"] == [gpu]
    assert pods["gateway"]["nodeSelector"] == {"pool": "shop"}
    assert "tolerations" not in pods["gateway"]
    assert all(pod["priorityClassName"] == "high" and "affinity" in pod for pod in pods.values())


def test_a_secret_is_named_not_written() -> None:
    """Keys and tokens come from Secrets."""
    for _, _, container in containers(objects(VARIANTS["everything"])):
        for variable in container.get("env", ()):
            if variable["name"] == "STICKERDESK_TLS_KEY":  # a file of the mounted Secret
                assert variable["value"].startswith(tls_folder(container))
            elif re.search("KEY|TOKEN_SECRET", variable["name"]):
                assert "secretKeyRef" in variable["valueFrom"]


def tls_folder(container: dict[str, Any]) -> str:
    """Where the identity of a service is mounted."""
    (path,) = (str(mount["mountPath"]) for mount in container["volumeMounts"] if mount["name"] == "tls")
    return path


def test_services_show_each_other_certificates() -> None:
    """All three or none: one that speaks plainly would be refused. What probes ask is open, and only health."""
    for component, pod, container in containers(objects(VARIANTS["everything"])):
        names = {variable["name"]: variable.get("value") for variable in container.get("env", ())}
        if component not in ("gateway", "orchestrator", "recommender"):
            assert "STICKERDESK_TLS_KEY" not in names
            continue
        assert {"name": "tls", "secret": {"secretName": "mesh-tls", "defaultMode": 0o440}} in pod["volumes"]
        files = [names[f"STICKERDESK_TLS_{one}"] for one in ("CERTIFICATE", "KEY", "AUTHORITY")]
        assert files == [f"{tls_folder(container)}/{name}" for name in ("tls.crt", "tls.key", "ca.crt")]
        assert names.get("STICKERDESK_HEALTH_LISTEN") == (None if component == "gateway" else "0.0.0.0:7001")


@pytest.mark.parametrize(
    "values",
    [
        {"gatway": {}},
        {"gateway": {"replica": 3}},
        {"gateway": {"replicas": 0}},
        {"gateway": {"replicas": "two"}},
        {"image": {"repository": "x", "tag": "latest"}},
        {"redis": {"externalUrl": "cache.example:6379"}},
        {"triton": {"externalUrl": "http://triton:8001/"}},
        {"recommender": {"replicas": 2}},
        {"orchestrator": {"replicas": 2}},
        {"gateway": {"persistence": {"accessMode": "ReadWriteOnce"}}},
        {"gateway": {"ingress": {"enabled": True}}},
        {"gateway": {"extraEnv": {"LD_PRELOAD": "x"}}},
    ],
    ids=str,
)
def test_wrong_values_are_refused(values: dict[str, Any]) -> None:
    """A misspelt name or an impossible value stops the install."""
    with pytest.raises(helm.HelmError):
        objects(values)


def test_the_schema_knows_every_value() -> None:
    """Each value of values.yaml is in the schema, at each depth."""
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))

    def compare(node: dict[str, Any], value: Any, path: str) -> None:
        for key, inner in value.items() if isinstance(value, dict) else ():
            if node.get("additionalProperties") is False:
                assert key in node["properties"], f"{path}.{key} is not in the schema"
                compare(node["properties"][key], inner, f"{path}.{key}")

    compare(schema, values, "values")


def test_the_dockerfile_has_a_target_per_image() -> None:
    """Each image of the chart has its target, which drops root; what it copies exists."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    bodies = {m.group(1): m.group(2) for m in re.finditer(r"^FROM \S+ AS (\S+)\n(.*?)(?=^FROM |\Z)", text, re.M | re.S)}
    for service in ("gateway", "orchestrator", "recommender", "triton"):
        own = bodies[service] + bodies["runtime"] if service != "triton" else bodies[service]
        assert "USER 10001" in own
        assert "CMD" in bodies[service]
    for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
