#!/usr/bin/env bash
# Installs what is missing, builds, runs every test, and ends with one line: "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'TEXT'
usage: tests/run.sh [--quick] [--only STAGE] [--help]

  --quick        leave out the builds with sanitizers and mutants
  --only STAGE   one stage, with the build it needs: dashboard, cpp, gate, e2e, chaos, browser, asan,
                 tsan or mutation
                 (may be given more than once)

Logs of every stage, and screenshots, are in build/test-logs and build/e2e.
Ends with "N passed, N failed"; exit code 0 only if nothing failed.
TEXT
}

Stages=(dashboard cpp gate e2e chaos browser asan tsan mutation)
wanted=()
quick=no
while (($#)); do
  case $1 in
    --quick) quick=yes ;;
    --only)
      [[ " ${Stages[*]} " == *" ${2:-} "* ]] || { echo "--only: expected one of ${Stages[*]}" >&2; exit 2; }
      wanted+=("$2"); shift ;;
    --help|-h) usage; exit 0 ;;
    *) echo "tests/run.sh: unknown option '$1'" >&2; usage >&2; exit 2 ;;
  esac
  shift
done
((${#wanted[@]})) || wanted=("${Stages[@]}")

Logs=build/test-logs
mkdir -p "$Logs"
jobs=$(nproc)
passed=0 failed=0 skipped=0
failures=()
began=$SECONDS
child=
export NO_COLOR=1 CTEST_OUTPUT_ON_FAILURE=1 GTEST_COLOR=no

trap 'trap - INT TERM; [[ -z $child ]] || kill -TERM -- "-$child" 2>/dev/null; exit 130' INT TERM

clock() { printf '%dm%02ds' $(($1 / 60)) $(($1 % 60)); }

# step LOG TITLE COMMAND...: runs the command in a process group of its own, its output in the log; shows each
# half minute how far it is. Returns the command's exit code.
step() {
  local log=$Logs/$1.log title=$2 start=$SECONDS next=30 code=0
  shift 2
  printf '==> %-44s' "$title"
  setsid "$@" >"$log" 2>&1 </dev/null &
  child=$!
  while kill -0 "$child" 2>/dev/null; do
    sleep 0.2
    if ((SECONDS - start >= next)); then
      printf '\n    %s  %.90s' "$(clock $((SECONDS - start)))" "$(tail -n 1 "$log" | tr -d '\r')"
      next=$((next + 30))
    fi
  done
  wait "$child" || code=$?
  child=
  ((next == 30)) || printf '\n    %-44s' ''
  if ((code == 0)); then
    printf ' ok      %s\n' "$(clock $((SECONDS - start)))"
  else
    printf ' FAILED  %s  see %s\n' "$(clock $((SECONDS - start)))" "$log"
    tail -n 40 "$log" | sed 's/^/    | /'
  fi
  return "$code"
}

count() { # PASSED FAILED SKIPPED, and the exit code that goes with them
  passed=$((passed + $1)) skipped=$((skipped + $3))
  # A stage that failed without naming a test is itself the test that failed.
  if (($4 != 0 && $2 == 0)); then failed=$((failed + 1)); else failed=$((failed + $2)); fi
  printf '    %d passed, %d failed%s\n' "$1" "$2" "$( (($3 == 0)) || echo ", $3 skipped")"
}

# A build that fails fails the stages that need it; they are not run.
declare -A built=()
build() { # NAME TITLE COMMAND...
  local name=$1
  shift
  if [[ -z ${built[$name]:-} ]]; then
    if step "$name" "$@"; then built[$name]=ok; else built[$name]=failed; failed=$((failed + 1)); fi
  fi
  [[ ${built[$name]} == ok ]]
}

configure_and_build() { # PRESET TARGETS...
  local preset=$1
  shift
  cmake --preset "$preset" -DVDM_TESTS=ON && cmake --build --preset "$preset" -j "$jobs" --target "$@"
}
export -f configure_and_build
export jobs

release() { build build-release 'build release' bash -c 'configure_and_build release all'; }
bundle() { build build-bundle 'build the dashboard' bash -c 'cd dashboard-web && npm ci && npm run build'; }
e2e_packages() { build e2e-packages 'install the end-to-end packages' npm ci --prefix tests/e2e; }

# Two processes a core: many tests wait for a socket or a clock most of their time.
run_ctest() { # NAME TITLE BUILD_DIR
  local code=0 junit=$PWD/$Logs/$1.xml result=$Logs/$1.result
  rm -rf "$junit" "$3/results"
  step "$1" "$2" ctest --test-dir "$3" -j "$((2 * jobs))" --output-junit "$junit" || code=$?
  tests/results.py "$3" "$junit" >"$result" || code=1
  sed '$d; s/^/    | /' "$result"
  mapfile -t -O "${#failures[@]}" failures < <(sed -n "s/^failed: /$1: /p" "$result")
  count $(tail -n 1 "$result" | grep -o '[0-9]*') "$code"
}

run_node() { # NAME TITLE FILES...
  local code=0 name=$1 title=$2
  shift 2
  step "$name" "$title" node tests/e2e/run.mjs "$@" || code=$?
  count "$(node_sum pass "$name")" "$(($(node_sum fail "$name") + $(node_sum cancelled "$name")))" \
    "$(node_sum skipped "$name")" "$code"
}

node_sum() { # run.mjs ends with one summary of the files that run side by side, and one of the others
  LC_ALL=C grep -aoP "^\S+ $1 \K[0-9]+$" "$Logs/$2.log" | awk '{ n += $1 } END { print n + 0 }'
}

stage_dashboard() {
  bundle || return 0
  local code=0
  step dashboard 'dashboard: types, style, unit tests' npm --prefix dashboard-web run check || code=$?
  count "$(vitest_sum passed)" "$(vitest_sum failed)" "$(vitest_sum skipped)" "$code"
}

vitest_sum() { # vitest says it once per project
  grep -aE '^ *Tests ' "$Logs/dashboard.log" | grep -oP "[0-9]+(?= $1)" | awk '{ n += $1 } END { print n + 0 }'
}

stage_cpp() { release && run_ctest ctest-release 'C++ tests, release' build/release || true; }

stage_gate() {
  release || return 0
  run_gate gate 'what the hot paths cost'
  run_gate gate-self-test 'the gate can fail' --self-test
}

run_gate() { # NAME TITLE FLAGS...
  local code=0 name=$1 title=$2
  shift 2
  step "$name" "$title" tests/bench/gate/gate.py "$@" || code=$?
  count "$(gate_sum passed "$name")" "$(gate_sum failed "$name")" 0 "$code"
}

gate_sum() { grep -oP "^[0-9]+ passed, [0-9]+ failed$" "$Logs/$2.log" | grep -oP "[0-9]+(?= $1)" || echo 0; }

stage_e2e() {
  release && bundle && e2e_packages || return 0
  run_node e2e 'end to end' $(cd tests/e2e && ls -- *.test.mjs | grep -v '^browser')
}

# Each run has a seed of its own, which the log and a failure name.
stage_chaos() {
  release && e2e_packages || return 0
  local code=0
  step chaos-self-test 'the chaos checker can fail' node --test tests/chaos/ || code=$?
  count "$(LC_ALL=C grep -oP '^# pass \K\d+' "$Logs/chaos-self-test.log")" \
    "$(LC_ALL=C grep -oP '^# fail \K\d+' "$Logs/chaos-self-test.log")" 0 "$code"
  code=0
  step chaos 'books compared while things break' timeout 120 node tests/chaos/run.mjs --seconds 15 || code=$?
  count "$((code == 0))" "$((code != 0))" 0 "$code"
}

stage_browser() {
  release && bundle && e2e_packages || return 0
  run_node browser 'browser' browser
}

stage_asan() {
  build build-asan 'build with ASan and UBSan' bash -c 'configure_and_build asan vdm_all_tests' || return 0
  run_ctest ctest-asan 'C++ tests, ASan and UBSan' build/asan
}

stage_tsan() {
  build build-tsan 'build with TSan' bash -c 'configure_and_build tsan vdm_all_tests' || return 0
  run_ctest ctest-tsan 'C++ tests, TSan' build/tsan
}

stage_mutation() {
  local code=0
  step mutation 'changes that a test must notice' python3 tests/mutation/run.py routing body tap \
    --count 10 --seed 1 --least 60 --jobs "$jobs" || code=$?
  count "$((code == 0))" "$((code != 0))" 0 "$code"
}

install_all() { ./deploy/install.sh && ./deploy/install.sh tests/packages.txt; }
export -f install_all
build install 'install what is missing' bash -c install_all || { echo "$passed passed, $failed failed"; exit 1; }

for stage in "${wanted[@]}"; do
  [[ $quick == yes && $stage == @(?san|mutation) ]] || "stage_$stage"
done

((${#failures[@]} == 0)) || printf 'failed: %s\n' "${failures[@]}"
echo "all stages: $(clock $((SECONDS - began)))"
echo "$passed passed, $failed failed$( ((skipped == 0)) || echo ", $skipped skipped")"
((failed == 0))
