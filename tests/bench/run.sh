#!/usr/bin/env bash
# Measures vdm-proxy against nginx and haproxy; see README.md. --help lists the flags.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
case " $* " in
  *" --binaries "* | *" --help "* | *" -h "*) ;;
  *)
    [ -f "$root/build/release/build.ninja" ] || cmake -S "$root" --preset release >/dev/null
    targets=(vdm-bench-load vdm-bench-provider)
    case " $* " in *" --gateways nginx"* | *" --gateways haproxy"*) ;; *) targets+=(vdm-proxy vdm-metrics) ;; esac
    ninja -C "$root/build/release" "${targets[@]}" >/dev/null
    ;;
esac
ulimit -n "$(ulimit -Hn)"
exec python3 "$here/run.py" "$@"
