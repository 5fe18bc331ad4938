#!/usr/bin/env bash
# Installs the Debian packages that are missing, and nothing else.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: deploy/install.sh [LIST] [--help]

Installs what is missing of the packages in LIST (one name a line; default: deploy/packages.txt, and
Debian's nodejs and npm when there is no Node 18 or newer). Needs root, or sudo.
TEXT
}

fail() { echo "install: $*" >&2; exit 1; }

# Fails when Node is absent or too old for the dashboard's build, or has no npm beside it.
node_is_good() {
  local version
  command -v npm >/dev/null || return 1
  version=$(node --version 2>/dev/null) || return 1
  version=${version#v}
  ((${version%%.*} >= 18))
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
list=$here/packages.txt
if (($# > 1)); then usage >&2; exit 2; fi
case ${1:-} in
  '') ;;
  --help | -h) usage; exit 0 ;;
  -*) usage >&2; exit 2 ;;
  *) list=$1 ;;
esac
[[ -r $list ]] || fail "no such list: $list"

mapfile -t wanted <"$list"
if [[ $list == "$here/packages.txt" ]] && ! node_is_good; then wanted+=(nodejs npm); fi

missing=()
for package in "${wanted[@]}"; do
  [[ -n $package ]] || continue
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=
  [[ $state == installed ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  echo 'install: everything is there already'
  exit 0
fi

echo "install: installing ${#missing[@]} packages: ${missing[*]}"
command -v apt-get >/dev/null || fail "this is not Debian: install these yourself: ${missing[*]}"
if ((EUID != 0)) && ! command -v sudo >/dev/null; then
  fail "needs root: as root, run: apt-get update && apt-get install ${missing[*]}"
fi
as_root apt-get update -qq || fail 'apt-get update failed: is there a network?'
as_root env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
  fail 'apt-get install failed; see above'
echo 'install: done'
