#!/usr/bin/env bash
# Tries the compose file for real: builds the images, starts three proxies, and looks at what a person would look at.
# Needs a Docker engine, curl and nothing else. Ends with the containers and their data removed.
#   deploy/try-compose.sh [--keep]        --keep leaves everything running
set -euo pipefail
cd "$(dirname "$0")/.."

keep=no
case ${1:-} in
  '') ;;
  --keep) keep=yes ;;
  *) sed -n '2,4s/^# *//p' "$0"; exit 2 ;;
esac

export COMPOSE_PROJECT_NAME=vandamme-try
export VDM_PUBLISH_PORT=${VDM_PUBLISH_PORT:-18082} VDM_PUBLISH_EVENTS_PORT=${VDM_PUBLISH_EVENTS_PORT:-15052}
VDM_COMMIT=${VDM_COMMIT:-$(git rev-parse --short=12 HEAD)}
export VDM_COMMIT
url=http://127.0.0.1:$VDM_PUBLISH_PORT
work=$(mktemp -d)

if docker compose version >/dev/null 2>&1; then compose=(docker compose); else compose=(docker-compose); fi

finish() {
  local code=$?
  ((code == 0)) || "${compose[@]}" logs --tail 30 || true
  if [[ $keep == no ]]; then "${compose[@]}" down --volumes --timeout 20 >/dev/null 2>&1 || true; fi
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT

say() { printf '%(%H:%M:%S)T  %s\n' -1 "$*"; }
fail() { say "FAILED: $*"; exit 1; }

# eventually WHAT COMMAND...: asks until it succeeds, for at most 60 s.
eventually() {
  local what=$1 end=$((SECONDS + 60))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || fail "$what"
    sleep 0.2
  done
  say "$what"
}

snapshot() { # the first event of the dashboard's stream
  curl -sN --max-time 3 "$url/metrics/stream" 2>/dev/null | grep -m1 '^data:' || true
}
connected() { snapshot | grep -oE '"state": ?"connected"' | wc -l; }
has_connected() { [[ $(connected) == "$1" ]]; }
active_streams() {
  curl -s "$url/metrics/active-requests" | grep -o '"requested_model": *"demo:demo-slow"' | wc -l
}
has_active() { (($(active_streams) >= $1)); }

chat() { # MODEL MORE-CURL-OPTIONS...
  local model=$1
  shift
  curl -sN "$@" "$url/v1/chat/completions" -H 'content-type: application/json' \
    -d '{"model":"'"$model"'","stream":true,"messages":[{"role":"user","content":"Say something long."}]}'
}

say 'build the images (the first time takes some minutes)'
# One after another: they share their stages.
for service in metrics proxy edge demo; do "${compose[@]}" build "$service" > "$work/build-$service.log" 2>&1 \
  || { tail -n 40 "$work/build-$service.log"; fail "build $service"; }; done
say 'start, with three proxies'
"${compose[@]}" up -d --scale proxy=3 > "$work/up.log" 2>&1 || { cat "$work/up.log"; fail 'up'; }

eventually 'the edge reaches a proxy' curl -sf "$url/health"
eventually 'three proxies are in one view' has_connected 3
eventually 'the dashboard is served' curl -sf "$url/dashboard/"

say 'read one stream through the edge'
chat demo:demo-chat | while IFS= read -r line; do
  case $line in data:*) echo "$EPOCHREALTIME $line" ;; esac
done > "$work/stream"
read -r pieces spread < <(awk '{ t = $1; if (NR == 1) first = t } END { printf "%d %.2f\n", NR, t - first }' "$work/stream")
grep -q '\[DONE\]' "$work/stream" || fail 'the stream did not end'
awk -v spread="$spread" 'BEGIN { exit !(spread > 0.3) }' || fail "the stream came at once: $pieces pieces in $spread s"
say "unbuffered: $pieces pieces over $spread s"

say 'look into the containers'
for id in $("${compose[@]}" ps -q); do
  name=$(docker inspect -f '{{.Name}}' "$id")
  [[ $(docker exec "$id" id -u) != 0 ]] || fail "$name runs as root"
  ! docker exec "$id" touch /written 2>/dev/null || fail "$name can write to its root file system"
done
say 'nobody is root, nothing is writable'

say 'restart the metrics service under traffic'
for _ in 1 2 3; do chat demo:demo-slow > /dev/null & done
eventually 'slow streams run' has_active 3
"${compose[@]}" restart metrics > /dev/null 2>&1
began=$SECONDS
eventually 'the running requests are back' has_active 3
say "back within $((SECONDS - began)) s of its return"
eventually 'three proxies are connected again' has_connected 3

say 'kill one proxy'
victim=$("${compose[@]}" ps -q proxy | head -n 1)
docker kill "$victim" > /dev/null
for _ in $(seq 20); do curl -sf "$url/health" > /dev/null || fail 'the edge does not pass over a dead proxy'; done
say 'the edge passes over it'

say 'stop everything'
began=$SECONDS
[[ $keep == yes ]] || "${compose[@]}" down --volumes --timeout 20 > /dev/null 2>&1
say "stopped in $((SECONDS - began)) s; all is well"
