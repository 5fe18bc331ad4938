#!/usr/bin/env bash
# Installs what is missing, builds, starts everything on this machine, and stops it again with Ctrl-C.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: deploy/run.sh [--build-only] [--no-demo] [--help]

Installs the Debian packages that are missing, builds the services and the dashboard, starts them, prints
the URLs, and stops them with Ctrl-C.

  --build-only   install and build, start nothing
  --no-demo      never start the demo provider, even without a provider key

Settings come from the environment and from .env beside README.md (NAME=value lines; the environment wins, and names
that are no settings are left out).
Without any {PROVIDER}_API_KEY a built-in demo provider and light demo traffic are started. Its port is
VDM_DEMO_PORT (8084). The services' logs, and history unless VDM_DATA_DIR says otherwise, are in .run/.
TEXT
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# shellcheck source=deploy/dotenv.sh
source deploy/dotenv.sh
state=.run
bin=build/release/bin
build_only=no demo=auto

while (($#)); do
  case $1 in
    --build-only) build_only=yes ;;
    --no-demo) demo=no ;;
    --help | -h) usage; exit 0 ;;
    *) echo "run: unknown option '$1'" >&2; usage >&2; exit 2 ;;
  esac
  shift
done

stops=0      # how many stop signals have arrived
work=        # pid of the step that is running, if any
names=()     # our services, in the order they were started
declare -A pids=()
trap 'stops=$((stops + 1)); [[ -z $work ]] || kill -TERM -- "-$work" 2>/dev/null' INT TERM HUP

# A Ctrl-C ends a sleep too; that must not fail the script.
nap() { sleep "$1" || true; }
say() { printf 'run: %s\n' "$*"; }
fail() { # CODE MESSAGE
  local code=$1
  shift
  printf 'run: %s\n' "$*" >&2
  stop_all
  exit "$code"
}

# step TITLE COMMAND...: runs it in a process group of its own, so that a Ctrl-C ends it at once and whole.
step() {
  local title=$1 code=0 start=$SECONDS
  shift
  say "$title"
  setsid "$@" </dev/null 9>&- &
  work=$!
  while wait "$work" && code=0 || code=$?; ((code > 128)) && kill -0 "$work" 2>/dev/null; do :; done
  work=
  if ((stops > 0)); then say 'stopped; nothing was started'; exit 130; fi
  ((code == 0)) || fail 1 "$title: failed, see above"
  ((SECONDS - start < 5)) || say "$title: done in $((SECONDS - start)) s"
}

# One compiler process needs up to 1.5 GiB here.
jobs_that_fit() {
  local cores fit
  cores=$(nproc)
  fit=$(awk '/^MemAvailable:/ { print int($2 / 1572864) }' /proc/meminfo)
  ((fit > 0)) || fit=1
  echo $((fit < cores ? fit : cores))
}

build() {
  # Not a step: sudo may want to ask for a password, and needs the terminal for that.
  ./deploy/install.sh 9>&- || fail 1 'what is missing could not be installed, see above'
  # A tree that tests/run.sh has configured keeps its tests; they are not built here.
  local tests=()
  [[ -f build/release/CMakeCache.txt ]] || tests=(-DVDM_TESTS=OFF)
  # CMake's output is shown only when it fails.
  # shellcheck disable=SC2016
  step 'configuring' bash -c 'log=$1; shift; cmake --preset release "$@" >"$log" || { cat "$log"; exit 1; }' \
    configure "$state/configure.log" "${tests[@]}"
  step 'building the services' env NINJA_STATUS='[%f/%t %es] ' cmake --build --preset release \
    -j "$(jobs_that_fit)" --target vdm-proxy vdm-metrics vdm vdm-demo-provider
  if [[ dashboard-web/node_modules/.package-lock.json -ot dashboard-web/package-lock.json ]]; then
    step "installing the dashboard's packages" npm ci --prefix dashboard-web --no-audit --no-fund
  fi
  step 'building the dashboard' npm run --silent --prefix dashboard-web build
}

# start NAME COMMAND...: in a session of its own, so that only this script sends it signals. If this script is
# killed, the kernel ends it.
start() {
  local name=$1
  shift
  setsid setpriv --pdeathsig TERM "$@" </dev/null >"$state/$name.log" 2>&1 9>&- &
  pids[$name]=$!
  names+=("$name")
}

alive() { kill -0 "${pids[$1]}" 2>/dev/null; }

# The lines in which a service reported its error before it exited, rather than its whole log.
last_words() {
  grep "^$1: " "$state/$1.log" || tail -n 1 "$state/$1.log" | grep . || echo "$1: it said nothing"
}

gave_up() { # NAME
  local name=$1 code=0
  wait "${pids[$name]}" || code=$?
  unset "pids[$name]"
  last_words "$name" >&2
  ((code != 0)) || code=1
  fail "$code" "$name ended (code $code); its log is $state/$name.log"
}

# address NAME: the host:port at which to connect to the service, from the line that reports where it listens.
address() {
  local found
  found=$(grep -s -m1 -oP ' listening (?:.* )?address="?(?:http://)?\K[^ "]+' "$state/$1.log") || return
  found=${found/#0.0.0.0:/127.0.0.1:}
  echo "${found/#'[::]':/'[::1]':}"
}

answers() ( # HOST:PORT PATH: whether it answers 2xx
  host=${1%:*} port=${1##*:} status=
  host=${host#[} host=${host%]}
  exec 3<>"/dev/tcp/$host/$port" || exit 1
  printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$2" >&3
  read -r -t 5 _ status _ <&3
  [[ $status == 2?? ]]
)

await() { # NAME PATH
  local name=$1 path=$2 deadline=$((SECONDS + 60)) where
  while ((stops == 0)); do
    alive "$name" || gave_up "$name"
    if where=$(address "$name") && answers "$where" "$path" 2>/dev/null; then return; fi
    ((SECONDS < deadline)) || fail 1 "$name is not ready after 60 s; its log is $state/$name.log"
    nap 0.1
  done
}

stop_one() { # NAME
  local name=$1 told=$stops pid=${pids[$1]-} since=$SECONDS said=no
  [[ -n $pid ]] || return 0
  kill -TERM "$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null; do
    if ((stops > told)); then
      told=$stops
      kill -TERM "$pid" 2>/dev/null || true
    fi
    if [[ $said == no ]] && ((SECONDS - since >= 3)); then
      said=yes
      say "$name lets running requests finish; Ctrl-C again ends them"
    fi
    nap 0.1
  done
  wait "$pid" 2>/dev/null || true
  unset "pids[$name]"
}

# Stops the traffic first, then the proxy, which reports all ends to the metrics service, then that service.
stop_all() {
  ((${#names[@]})) || return 0
  local i
  for ((i = ${#names[@]} - 1; i >= 0; i--)); do stop_one "${names[i]}"; done
  say 'stopped'
}

demo_environment() {
  local url=http://127.0.0.1:$demo_port
  export DEMO_API_KEY=demo DEMO_BASE_URL=$url/v1
  export DEMOCLAUDE_API_KEY=demo DEMOCLAUDE_BASE_URL=$url DEMOCLAUDE_API_FORMAT=anthropic
}

start_all() {
  export VDM_DATA_DIR=${VDM_DATA_DIR:-$root/$state/data}
  export VDM_DASHBOARD_DIR=${VDM_DASHBOARD_DIR:-$root/dashboard-web/dist}
  # What the proxy shows to the metrics service, which makes the file.
  export VDM_INGEST_TOKEN_FILE=${VDM_INGEST_TOKEN_FILE:-$root/$state/ingest-token}
  # What the proxy could not report before it ended waits there for the next one.
  export VDM_SPOOL_DIR=${VDM_SPOOL_DIR:-$root/$state/spool}
  start vdm-metrics "$bin/vdm-metrics"
  await vdm-metrics /health/ready
  if [[ $demo == yes ]]; then demo_environment; fi
  start vdm-proxy "$bin/vdm-proxy"
  await vdm-proxy /health/ready
  ((stops == 0)) || return 0
  proxy=$(address vdm-proxy) metrics=$(address vdm-metrics)
  if [[ $demo == yes ]]; then
    start vdm-demo-provider "$bin/vdm-demo-provider" --port "$demo_port" --traffic "http://$proxy"
    await vdm-demo-provider /health
  fi
}

welcome() {
  local key=anything
  [[ -z ${PROXY_API_KEY:-} ]] || key="\$PROXY_API_KEY"
  cat <<TEXT

  dashboard     http://$metrics/dashboard/
  proxy         http://$proxy
  logs          $state/*.log

  Claude Code   ANTHROPIC_BASE_URL=http://$proxy ANTHROPIC_API_KEY=$key claude
  SDKs          baseURL "http://$proxy" (Anthropic) or "http://$proxy/v1" (OpenAI), apiKey "$key"

TEXT
  if [[ $demo == yes ]]; then
    say 'no provider key is set: the demo provider answers, and light demo traffic is running'
  fi
  say 'running; Ctrl-C stops everything'
}

main() {
  [[ ! -f .env ]] || load_dotenv .env || exit 2
  if [[ $demo == auto ]]; then
    demo=yes
    if deploy/docker/provider-keys || { [[ -f vandamme.toml ]] && grep -q '^\[providers' vandamme.toml; }; then demo=no; fi
  fi
  demo_port=${VDM_DEMO_PORT:-8084}

  mkdir -p "$state"
  exec 9>"$state/lock"
  flock -n 9 || fail 1 "it is running already from this folder ($root)"
  build
  if [[ $build_only == yes ]]; then
    say "built: $bin/vdm-proxy, vdm-metrics, vdm, vdm-demo-provider and dashboard-web/dist"
    exit 0
  fi

  start_all
  ((stops > 0)) || welcome
  while ((stops == 0)); do
    for name in "${names[@]}"; do alive "$name" || gave_up "$name"; done
    nap 0.2
  done
  echo
  say 'stopping'
  stop_all
}

# In a function call, so that bash has read the whole file before it runs any of it: a git pull meanwhile does no harm.
main
exit
