#!/usr/bin/env bash
# What deploy/dotenv.sh puts into the environment, and what not. Exit code 1 when anything is otherwise.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

# check WHAT GOT EXPECTED
check() {
  if [[ $2 == "$3" ]]; then return; fi
  printf 'dotenv: %s: expected "%s", got "%s"\n' "$1" "$3" "$2" >&2
  failed=1
}

# loaded MODE NAMES...: the text of standard input as .env; prints NAME=value of those names that came to be set, then
# what was said.
loaded() {
  local mode=$1
  shift
  cat >"$folder/.env"
  chmod "$mode" "$folder/.env"
  env -i PATH="$PATH" HOST=before bash -euc '
    source "$1/deploy/dotenv.sh"
    code=0
    load_dotenv "$2" 2>"$3" || code=$?
    for name in "${@:4}"; do [[ -z ${!name+set} ]] || printf "%s=%s;" "$name" "${!name}"; done
    ((code == 0)) || printf "code %s;" "$code"
  ' loaded "$root" "$folder/.env" "$folder/said" "$@"
}
said() { cat "$folder/said"; }

check 'a line that is none' "$(printf 'PORT=1\nVDM_THREADS = 2\n' | loaded 600 VDM_THREADS)" 'code 2;'
check 'what it said of it' "$(said)" "run: $folder/.env:2: expected NAME=value"
check 'settings' "$(loaded 600 PORT OPENAI_API_KEY HOST ZAI_CUSTOM_HEADER_X <<'ENV'
# a comment
export PORT=9000 # said by me
OPENAI_API_KEY="sk-$(touch no) b"
HOST=after
  ZAI_CUSTOM_HEADER_X='y'
ENV
)" 'PORT=9000;OPENAI_API_KEY=sk-$(touch no) b;HOST=before;ZAI_CUSTOM_HEADER_X=y;'
check 'what it said of that' "$(said)" ''

foreign=(LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT DYLD_INSERT_LIBRARIES BASH_ENV ENV IFS NODE_OPTIONS PYTHONPATH
  PYTHONSTARTUP PERL5LIB GCONV_PATH MALLOC_CONF GLIBC_TUNABLES OPENSSL_CONF SSL_CERT_FILE GRPC_TRACE HTTPS_PROXY
  PROMPT_COMMAND SHELLOPTS LC_ALL TMPDIR HOME LD_API_KEY BASH_ALIAS_X NODE_BASE_URL X)
check 'foreign names' "$(printf '%s=/tmp/evil\n' "${foreign[@]}" | loaded 600 LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT \
  DYLD_INSERT_LIBRARIES BASH_ENV ENV NODE_OPTIONS PYTHONPATH PYTHONSTARTUP PERL5LIB GCONV_PATH MALLOC_CONF GLIBC_TUNABLES \
  OPENSSL_CONF SSL_CERT_FILE GRPC_TRACE HTTPS_PROXY PROMPT_COMMAND LC_ALL TMPDIR HOME LD_API_KEY BASH_ALIAS_X NODE_BASE_URL X)" ''
check 'what it said of them' "$(said)" "run: $folder/.env: no settings of the services, and not exported: ${foreign[*]}"
check 'the path' "$(printf 'PATH=/tmp/evil\n' | loaded 600 PATH)" "PATH=$PATH;"

for mode in 644 640 606 620; do
  loaded "$mode" <<<'PORT=1' >"$folder/out"
  check "mode $mode" "$(said)" "run: $folder/.env: mode $mode lets others read or write it; \`chmod 600 $folder/.env\` mends that"
done

# Every setting that the READMEs' tables name may stand in .env; C++ tests hold these tables against the programs.
while read -r name; do
  check "$name" "$(printf '%s=x\n' "$name" | env -u "$name" bash -c '
    source "$1/deploy/dotenv.sh"; is_setting "$2" && echo taken' _ "$root" "$name")" taken
done < <(
  cd "$root"
  sed -nE 's/^\| `([A-Z][A-Z0-9_]*)` \| .*/\1/p' proxy-service/README.md metrics-service/README.md
  # Those of a provider: `{P}_API_KEY`, `{P}_ALIAS_{NAME}` and so on.
  grep -oE '`\{P\}_[A-Z_]+(\{NAME\})?`' README.md proxy-service/README.md | sed -E 's/.*`\{P\}(.*)`/OPENAI\1/; s/\{NAME\}/X_Y/' | sort -u
)

((failed == 0)) && echo 'dotenv: all is as it should be'
exit "$failed"
