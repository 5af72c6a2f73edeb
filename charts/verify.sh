#!/bin/sh
# Lints the chart, renders it with each file of ci/, validates what comes out, and sees bad values refused.
# `make chart` runs it. Needs helm 3. Validates with kubeconform where KUBE_SCHEMAS says which schemas: "default" lets
# it fetch them, charts/offline_schemas.py makes them from a package.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.build/bin:$PATH"
chart=charts/mahlan
kube=${KUBE_VERSION:-1.31.0}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
say() { echo "mahlan: $*" >&2; }

command -v helm >/dev/null || { say "the chart's checks need helm 3"; exit 2; }

for values in "$chart"/ci/*-values.yaml; do
    name=$(basename "$values" -values.yaml)
    helm lint --strict --quiet --kube-version "$kube" "$chart" -f "$values"
    helm template check "$chart" --kube-version "$kube" -f "$values" >"$out/$name.yaml"
    say "lints and renders with $name: $(grep -c '^kind:' "$out/$name.yaml") objects"
done

refused() {
    if helm template check "$chart" --kube-version "$kube" "$@" >/dev/null 2>"$out/refusal"; then
        say "these values should be refused and were not: $*"
        exit 1
    fi
}
refused --set services.scorer.replica=3
refused --set-string services.scorer.replicas=many
refused --set kafka.bootstrapServers=kafka
refused --set-string settings.MAHLAN_AUTHOR_SALT=plain
refused --set-string settings.MAHLAN_PORT=1
refused --set-string settings.PARTITIONS=1
refused --set services.scorer.autoscaling.maxReplicas=13
refused --set services.scorer.autoscaling.minReplicas=11,services.scorer.autoscaling.maxReplicas=3
refused --set-string services.scorer.settings.MAHLAN_PARTITIONS=6
refused --set terminationGracePeriodSeconds=20
say "wrong values are refused"

if [ -n "${KUBE_SCHEMAS:-}" ]; then
    # ServiceMonitor is not one of Kubernetes' own.
    kubeconform -strict -summary -skip ServiceMonitor -schema-location "$KUBE_SCHEMAS" "$out"/*.yaml
else
    say "not validated against the Kubernetes schemas: KUBE_SCHEMAS is not set"
fi
