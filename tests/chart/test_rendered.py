"""The chart as helm renders it. Skipped, with the reason, where there is no helm."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from mahlan.runtime.settings import read_settings
from mahlan.scoring.registry import parse_registry
from mahlan.scoring.signature import read_trusted

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "charts" / "mahlan"
HELM = shutil.which("helm") or shutil.which("helm", path=str(ROOT / ".build" / "bin"))
KUBE = "1.31.0"
CASES = sorted(path.name for path in (CHART / "ci").glob("*.yaml"))

pytestmark = pytest.mark.skipif(HELM is None, reason="helm is not installed (nor in .build/bin)")


def helm(*arguments):
    command = [HELM, "template", "check", str(CHART), "--kube-version", KUBE, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def rendered(case, *arguments):
    done = helm("-f", str(CHART / "ci" / case), *arguments)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def kinds(documents, kind):
    return [document for document in documents if document["kind"] == kind]


def pods(documents):
    running = {"Deployment", "StatefulSet", "Job"}
    return [document["spec"]["template"]["spec"] for document in documents if document["kind"] in running]


def services(documents):
    return [*kinds(documents, "Deployment"), *kinds(documents, "StatefulSet")]


def environment(container):
    return {one["name"]: one["value"] for one in container["env"] if "value" in one}


@pytest.fixture(params=CASES)
def documents(request):
    return rendered(request.param)


def test_lint_has_nothing_to_say():
    for case in CASES:
        command = [HELM, "lint", "--strict", "--quiet", "--kube-version", KUBE, str(CHART), "-f", CHART / "ci" / case]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_object_is_valid_for_kubernetes(documents):
    validate = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed (108 MB)")
    for document in documents:
        if document["kind"] != "ServiceMonitor":
            validate.validate(document, "1.31", strict=True)


def test_what_there_is(documents):
    names = {document["metadata"]["name"] for document in kinds(documents, "Deployment")}
    assert names == {f"check-mahlan-{name}" for name in ("normaliser", "scorer", "dispatcher", "insights")}
    assert len(kinds(documents, "PodDisruptionBudget")) == len(services(documents))
    assert len(kinds(documents, "Job")) == 1


def test_no_pod_runs_as_root_or_writes_its_image(documents):
    for pod in pods(documents):
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert {"name": "tmp", "mountPath": "/tmp"} in container["volumeMounts"]
            assert container["resources"]["limits"]["memory"]
            assert container["resources"]["requests"]["cpu"]


def test_what_is_mounted_is_a_volume_of_the_pod(documents):
    for pod in pods(documents):
        # The spool comes from the claim of its StatefulSet.
        volumes = {volume["name"] for volume in pod["volumes"]}
        mounts = {mount["name"] for container in pod["containers"] for mount in container["volumeMounts"]}
        assert mounts - {"spool"} == volumes


def test_each_container_gets_settings_that_a_service_takes(documents):
    for pod in pods(documents):
        for container in pod["containers"]:
            given = environment(container)
            settings = read_settings(given)
            assert settings.host == "0.0.0.0"
            assert settings.port == 9100
            assert given["ORT_DISABLE_TELEMETRY"] == "1"
            assert settings.bootstrap_servers == given["KAFKA_BOOTSTRAP_SERVERS"]


def test_kubernetes_adds_no_variable_of_its_own(documents):
    # A Service named mahlan would inject MAHLAN_PORT=tcp://… and MAHLAN_SERVICE_HOST, which is an unknown setting.
    assert all(pod["enableServiceLinks"] is False for pod in pods(documents))


def test_probes_ask_the_status_port_and_a_drain_is_waited_for(documents):
    for service in services(documents):
        pod = service["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        assert ports.pop("status") == int(environment(container)["MAHLAN_PORT"])
        assert ports == {"gateway": {"http": 8080}, "insights": {"http": 8090}}.get(container["name"], {})
        assert container["livenessProbe"]["httpGet"] == {"path": "/livez", "port": "status"}
        assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "status"}
        assert pod["terminationGracePeriodSeconds"] > read_settings(environment(container)).drain_timeout


def test_selectors_select_the_services_and_not_the_job(documents):
    (job,) = kinds(documents, "Job")
    strangers = job["spec"]["template"]["metadata"]["labels"].items()
    for one in documents:
        selector = one["spec"].get("selector", {}) if "spec" in one else {}
        wanted = selector.get("matchLabels", selector) if one["kind"] != "ServiceMonitor" else {}
        if wanted:
            assert not wanted.items() <= strangers
    for deployment in services(documents):
        labels = deployment["spec"]["template"]["metadata"]["labels"].items()
        assert deployment["spec"]["selector"]["matchLabels"].items() <= labels


def test_autoscaled_deployments_leave_their_replicas_alone(documents):
    scaled = {one["spec"]["scaleTargetRef"]["name"]: one for one in kinds(documents, "HorizontalPodAutoscaler")}
    for deployment in services(documents):
        assert ("replicas" in deployment["spec"]) is (deployment["metadata"]["name"] not in scaled)


def test_topics_are_made_before_the_release_by_what_exists_then(documents):
    (job,) = kinds(documents, "Job")
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    pod = job["spec"]["template"]["spec"]
    assert pod["containers"][0]["args"] == ["topics", "create"]
    assert not [volume for volume in pod["volumes"] if "configMap" in volume]


def test_full_values_reach_the_containers():
    found = {pod["containers"][0]["name"]: pod for pod in pods(rendered("full-values.yaml"))}
    scorer = environment(found["scorer"]["containers"][0])
    assert (scorer["MAHLAN_SCORER_THREADS"], scorer["MAHLAN_CAMPAIGN"]) == ("2", "school")
    assert [key[:1] for key in read_trusted(scorer["MAHLAN_SCORER_TRUSTED_KEYS"])] == [b"\xaa", b"\xbb"]
    assert scorer["MAHLAN_MODELS_DIR"] == "/var/lib/mahlan/models"
    assert "MAHLAN_SCORER_THREADS" not in environment(found["dispatcher"]["containers"][0])
    for pod in found.values():
        assert pod["containers"][0]["envFrom"] == [{"secretRef": {"name": "mahlan-secrets"}}]
        assert pod["containers"][0]["image"] == "registry.example/mahlan:0.1.0"
        assert pod["nodeSelector"] == {"kubernetes.io/arch": "amd64"}


def test_the_gateway_has_its_keys_its_address_and_a_volume_that_outlives_it():
    documents = rendered("full-values.yaml")
    (gateway,) = kinds(documents, "StatefulSet")
    pod = gateway["spec"]["template"]["spec"]
    settings = read_settings(environment(pod["containers"][0]))
    assert (settings.gateway_host, settings.gateway_port, settings.gateway_auth) == ("0.0.0.0", 8080, "keys")
    assert settings.gateway_queue == 512
    mounted = {mount["name"]: mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]}
    assert settings.gateway_keys_file == f"{mounted['keys']}/keys.toml"
    assert settings.gateway_spool == f"{mounted['spool']}/gateway.spool"
    assert {"name": "keys", "secret": {"secretName": "mahlan-keys"}} in pod["volumes"]
    (claim,) = gateway["spec"]["volumeClaimTemplates"]
    assert (claim["metadata"]["name"], claim["spec"]["storageClassName"]) == ("spool", "fast")
    (service,) = [one for one in kinds(documents, "Service") if one["metadata"]["name"] == "check-mahlan-gateway"]
    assert service["spec"]["ports"] == [{"name": "http", "port": 80, "targetPort": "http"}]
    assert service["spec"]["selector"].items() <= gateway["spec"]["template"]["metadata"]["labels"].items()
    assert kinds(rendered("minimal-values.yaml"), "StatefulSet") == []


def test_a_campaign_is_carried_as_it_is_and_a_change_reaches_running_services():
    documents = rendered("full-values.yaml")
    (config,) = (one for one in kinds(documents, "ConfigMap") if one["metadata"]["name"].endswith("-campaigns"))
    assert "فكر قبل ما تنشر" in config["data"]["school.toml"]
    changed = rendered("full-values.yaml", "--set-string", r"campaigns.other\.toml=id = 1")
    assert kinds(changed, "Deployment") == kinds(documents, "Deployment"), "no pod restarts"
    for pod in pods(kinds(documents, "Deployment")):
        (mount,) = (one for one in pod["containers"][0]["volumeMounts"] if one["name"] == "campaigns")
        assert "subPath" not in mount


def test_insights_tells_its_peers_where_it_is_and_the_gateway_asks_it():
    documents = rendered("full-values.yaml")
    found = {pod["containers"][0]["name"]: pod["containers"][0] for pod in pods(documents)}
    variables = [one["name"] for one in found["insights"]["env"]]
    assert variables.index("POD_IP") < variables.index("MAHLAN_INSIGHTS_ADDRESS"), "it is made of what stands before it"
    assert environment(found["insights"])["MAHLAN_INSIGHTS_ADDRESS"] == "http://$(POD_IP):8090"
    (service,) = [one for one in kinds(documents, "Service") if one["metadata"]["name"] == "check-mahlan-insights"]
    assert service["spec"]["ports"] == [{"name": "http", "port": 80, "targetPort": "http"}]
    assert environment(found["gateway"])["MAHLAN_GATEWAY_INSIGHTS_URL"] == "http://check-mahlan-insights"


def test_a_change_of_the_models_reaches_running_scorers():
    documents = rendered("full-values.yaml")
    (config,) = (one for one in kinds(documents, "ConfigMap") if one["metadata"]["name"].endswith("-models"))
    registry = parse_registry(config["data"]["registry.toml"].encode())
    assert (registry.deciding, registry.shadows) == (("fast@1",), ("camp@3",))
    changed = rendered("full-values.yaml", "--set-string", 'modelsRegistry=champion = "fast@2"')
    assert kinds(changed, "Deployment") == kinds(documents, "Deployment"), "no pod restarts"
    for pod in pods(kinds(documents, "Deployment")):
        container = pod["containers"][0]
        (mount,) = (one for one in container["volumeMounts"] if one["name"] == "models-registry")
        assert "subPath" not in mount
        assert environment(container)["MAHLAN_MODELS_REGISTRY"] == f"{mount['mountPath']}/registry.toml"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--set", "services.scorer.autoscaling.maxReplicas=13"], "12 partitions"),
        (["--set", "services.dispatcher.replicas=20"], "12 partitions"),
        (
            ["--set", "services.scorer.autoscaling.minReplicas=9,services.scorer.autoscaling.maxReplicas=3"],
            "minReplicas",
        ),
        (["--set-string", "services.scorer.settings.MAHLAN_PARTITIONS=6"], "the same for all"),
        (["--set", "terminationGracePeriodSeconds=20"], "MAHLAN_DRAIN_TIMEOUT"),
        (["--set", "services.scorer.replica=3"], "replica"),
        (["--set", "services.gateway.enabled=true"], "gateway.keysSecret"),
        (["--set", "services.gateway.enabled=true,gateway.keysSecret=k"], "secretName"),
    ],
)
def test_values_that_are_wrong_together_are_refused_in_one_line(arguments, says):
    done = helm(*arguments)
    assert done.returncode != 0
    assert says in done.stderr
