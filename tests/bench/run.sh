#!/usr/bin/env bash
# Measures vdm-proxy against nginx and haproxy; see README.md. --help lists the flags.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
given=" $* "

build() {
  local ninja=$root/build/release/build.ninja targets=(vdm-{proxy,metrics} vdm-bench-{load,provider,readers})
  [ -f "$ninja" ] || cmake -S "$root" --preset release >/dev/null
  ! grep -q vdm-bench-convert "$ninja" || targets+=(vdm-bench-{convert,events})
  ninja -C "$root/build/release" "${targets[@]}" >/dev/null
}

# The versions of peers/package-lock.json; npm does not run their install scripts.
install_peers() {
  local folder=$root/build/peers
  # npm writes this file last.
  [ -f "$folder/node_modules/.package-lock.json" ] &&
    cmp -s "$here/peers/package-lock.json" "$folder/package-lock.json" && return
  mkdir -p "$folder"
  cp "$here"/peers/package*.json "$folder/"
  npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund >/dev/null
}

case $given in
  *" --help "* | *" -h "*) ;;
  *)
    case $given in *" --binaries "*) ;; *) build ;; esac
    case $given in *" --peers "*) install_peers ;; esac
    ;;
esac
ulimit -n "$(ulimit -Hn)"
exec python3 "$here/run.py" "$@"
