#!/usr/bin/env bash
# Tries the compose file for real: builds the images, starts three proxies, and checks what a person would check.
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

# Independent of the user's settings: no .env, no provider's key, a project name and ports of its own.
for name in $(compgen -e); do
  case $name in
    VDM_COMMIT | VDM_PUBLISH_PORT | VDM_PUBLISH_EVENTS_PORT) ;;
    *_API_KEY | VDM_* | LOG_*) unset "$name" ;;
  esac
done
export COMPOSE_PROJECT_NAME=vandamme-try
export VDM_PUBLISH_PORT=${VDM_PUBLISH_PORT:-18082} VDM_PUBLISH_EVENTS_PORT=${VDM_PUBLISH_EVENTS_PORT:-15052}
VDM_COMMIT=${VDM_COMMIT:-$(git rev-parse --short=12 HEAD)}
export VDM_COMMIT
url=http://127.0.0.1:$VDM_PUBLISH_PORT
work=$(mktemp -d)

if docker compose version >/dev/null 2>&1; then compose=(docker compose); else compose=(docker-compose); fi
compose+=(--env-file deploy/docker/defaults.env)

finish() {
  local code=$?
  touch "$work/enough" # the background clients run until this file exists
  ((code == 0)) || "${compose[@]}" logs --tail 30 || true
  if [[ $keep == no ]]; then "${compose[@]}" down --volumes --timeout 20 >/dev/null 2>&1 || true; fi
  wait
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT

say() { printf '%(%H:%M:%S)T  %s\n' -1 "$*"; }
fail() { say "FAILED: $*"; exit 1; }

# eventually WHAT COMMAND...: repeats the command until it succeeds, for at most 60 s.
eventually() {
  local what=$1 end=$((SECONDS + 60))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || fail "$what"
    sleep 0.2
  done
  say "$what"
}

sample() { # NAME-AND-LABELS: prints the sample's value in GET /metrics, 0 when it is absent
  curl -sf --max-time 5 "$url/metrics" | awk -v name="$1" '$1 == name { v = $2 } END { print v + 0 }'
}
has() { [[ $(sample "$1") == "$2" ]]; }
has_connected() { has 'vdm_proxies{state="connected"}' "$1"; }
has_running() { has "vdm_requests_in_flight{provider=\"demo\",model=\"$1\"}" "$2"; }
has_answered() { has "vdm_requests_total{provider=\"demo\",model=\"$1\",outcome=\"ok\"}" "$2"; }

ask() { # PATH MODEL TOKENS-MAX: requests a stream and prints it as it arrives
  curl -sfN --max-time 180 "$url$1" -H 'content-type: application/json' \
    -d '{"model":"'"$2"'","max_tokens":'"$3"',"stream":true,"messages":[{"role":"user","content":"Say something long."}]}'
}
chat() { ask /v1/chat/completions "$@"; }

# comes_in_pieces END PATH MODEL: whether the stream arrives in several parts over time, and ends with END.
comes_in_pieces() {
  local end=$1 pieces spread
  shift
  ask "$@" 400 | while IFS= read -r line; do
    case $line in data:*) echo "$EPOCHREALTIME $line" ;; esac
  done > "$work/stream" || true
  read -r pieces spread < <(awk '{ t = $1; if (NR == 1) first = t } END { printf "%d %.2f\n", NR, t - first }' "$work/stream")
  grep -qF "$end" "$work/stream" || fail "$1: the stream did not end"
  awk -v spread="$spread" 'BEGIN { exit !(spread > 0.3) }' || fail "$1: the stream came at once: $pieces pieces in $spread s"
  say "$1: unbuffered, $pieces pieces over $spread s"
}

# steady FILE: requests one short stream after another until $work/enough exists; writes a line for each.
steady() {
  while [[ ! -e $work/enough ]]; do
    if chat demo:try-steady 24 2>/dev/null | grep -F '[DONE]' > /dev/null; then echo ok; else echo failed; sleep 0.2; fi
  done > "$1"
}

healthy() {
  local id
  for id in $("${compose[@]}" ps -q); do
    [[ $(docker inspect -f '{{if .State.Health}}{{.State.Health.Status}}{{end}}' "$id") == healthy ]] || return 1
  done
}

# ends_with CODE WORDS COMMAND...: runs a container outside the compose project; it must exit with CODE and print WORDS.
ends_with() {
  local expected=$1 words=$2 code=0
  shift 2
  timeout 30 docker run --rm --network none "$@" > "$work/ends" 2>&1 || code=$?
  { [[ $code == "$expected" ]] && grep -q "$words" "$work/ends"; } || { cat "$work/ends"; fail "code $code of: $*"; }
}

"${compose[@]}" config > /dev/null || fail 'the file cannot be read without settings'
say 'build the images (the first time takes some minutes)'
# Built one after another, since the images share stages.
for service in metrics proxy edge demo; do "${compose[@]}" build "$service" > "$work/build-$service.log" 2>&1 \
  || { tail -n 40 "$work/build-$service.log"; fail "build $service"; }; done
# Removes what a run with --keep left, above all its history.
"${compose[@]}" down --volumes --timeout 20 > /dev/null 2>&1 || true
say 'start, with three proxies'
"${compose[@]}" up -d --scale proxy=3 > "$work/up.log" 2>&1 || { cat "$work/up.log"; fail 'up'; }

eventually 'the edge reaches a proxy' curl -sf "$url/health"
eventually 'GET /metrics has three proxies' has_connected 3
eventually 'the dashboard is served' curl -sf "$url/dashboard/"
[[ $(curl -s -o /dev/null -w '%{redirect_url}' "$url/") == */dashboard/ ]] || fail 'the address alone does not lead to the dashboard'
eventually 'every health check is content' healthy

say 'read streams through the edge, of the demo provider as there is no key'
comes_in_pieces '[DONE]' /v1/chat/completions demo:demo-chat
comes_in_pieces message_stop /v1/messages democlaude:demo-chat

say 'look into the containers'
for id in $("${compose[@]}" ps -q); do
  name=$(docker inspect -f '{{.Name}}' "$id")
  [[ $(docker exec "$id" id -u) != 0 ]] || fail "$name runs as root"
  ! docker exec -u 0 "$id" touch /written 2>/dev/null || fail "$name: root could write to its file system"
  docker exec "$id" grep -q '^CapEff:[[:space:]]*0*$' /proc/1/status || fail "$name has capabilities"
  docker exec "$id" grep -q '^NoNewPrivs:[[:space:]]*1$' /proc/1/status || fail "$name could gain privileges"
  ! docker port "$id" | grep -vF -- '-> 127.0.0.1:' || fail "$name is published beyond this machine"
done
say 'nobody is root or could be, nothing is writable, nothing is published beyond this machine'
for id in $("${compose[@]}" ps -q metrics proxy); do
  [[ $(docker exec "$id" stat -c '%a %u' /ingest/token) == '600 10001' ]] || fail 'the ingest token is not its owner'\''s alone'
done
for id in $("${compose[@]}" ps -q edge demo); do
  ! docker exec "$id" test -s /ingest/token || fail 'the ingest token is where nobody reports'
done
say 'the ingest token is with those who report, and with those alone'
ends_with 0 'not needed' -e MINE_API_KEY=secret vandamme/demo
ends_with 2 'PROXY_API_KEY is not set' -e VDM_PUBLISH_ADDRESS=0.0.0.0 vandamme/edge
say 'a key sends the demo provider away; without one the edge is not published to the world'

say 'stop the metrics service under traffic, and start it again'
slow=()
for n in 1 2 3; do chat demo:demo-slow 400 > "$work/slow-$n" & slow+=($!); done
steadies=()
for n in 1 2 3 4; do steady "$work/steady-$n" & steadies+=($!); done
eventually 'three slow streams run' has_running demo-slow 3
"${compose[@]}" stop metrics > /dev/null 2>&1
[[ $(curl -s -o /dev/null -m 10 -w '%{http_code}' "$url/metrics") == 503 ]] || fail 'the edge does not say that the metrics service is away'
sleep 6
"${compose[@]}" start metrics > /dev/null 2>&1
began=$SECONDS
eventually 'three proxies are connected again' has_connected 3
say "within $((SECONDS - began)) s of its return"
touch "$work/enough"
wait "${steadies[@]}"
! grep -q failed "$work"/steady-* || fail "requests failed without the metrics service: $(sort "$work"/steady-* | uniq -c | xargs)"
answered=$(cat "$work"/steady-* | wc -l)
eventually "all $answered requests of that time are answered and counted" has_answered try-steady "$answered"
wait "${slow[@]}" || fail 'a slow stream broke'
eventually 'so are the slow streams' has_answered demo-slow 3

say 'kill one proxy'
mapfile -t proxies < <("${compose[@]}" ps -q proxy)
victim=${proxies[0]}
docker kill "$victim" > /dev/null
for _ in $(seq 20); do curl -sf "$url/health" > /dev/null || fail 'the edge does not pass over a dead proxy'; done
say 'the edge passes over it'
docker start "$victim" > /dev/null
eventually 'three proxies are connected again' has_connected 3

if [[ $keep == yes ]]; then say "all is well; it runs at $url"; exit; fi

say 'stop everything, with streams under way and a dashboard open'
slow=()
for n in 1 2 3 4; do chat demo:demo-slow 400 > "$work/slow-$n" & slow+=($!); done
curl -sN "$url/metrics/stream" > /dev/null &
eventually 'four slow streams run' has_running demo-slow 4
mapfile -t ids < <("${compose[@]}" ps -q)
began=$SECONDS
"${compose[@]}" stop > "$work/stop.log" 2>&1
took=$((SECONDS - began))
wait "${slow[@]}" || fail 'a stream was cut'
for n in 1 2 3 4; do grep -qF '[DONE]' "$work/slow-$n" || fail 'a stream did not end as it should'; done
for id in "${ids[@]}"; do
  [[ $(docker inspect -f '{{.State.ExitCode}}' "$id") == 0 ]] || fail "$(docker inspect -f '{{.Name}} ended with {{.State.ExitCode}}' "$id")"
done
say "every stream was finished, everything ended with 0, after $took s"
"${compose[@]}" up -d --no-deps metrics edge > /dev/null 2>&1
eventually 'history has their ends' has_answered demo-slow 7
say 'all is well'
