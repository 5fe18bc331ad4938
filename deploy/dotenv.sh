# shellcheck shell=bash
# Reads .env for run.sh. Of its names only settings of the services and of their providers are put into the environment:
# what changes how programs are run (LD_PRELOAD, BASH_ENV, PATH, …) is for the person at the terminal to set, not for a file.

# is_setting NAME: whether the services read a variable of that name. tests/deploy/dotenv_test.sh holds it against their
# tables of settings.
is_setting() {
  case $1 in
    # What is run, or which shell code: no form below may ever hold one of these.
    LD_* | DYLD_* | BASH* | PYTHON* | NODE* | GLIBC* | MALLOC* | GCONV* | OPENSSL* | SSL_* | GRPC_*) return 1 ;;
    VDM_*) ;;
    PROXY_API_KEY | HOST | PORT | LOG_LEVEL | LOG_REQUEST_METRICS | LOG_SUMMARY_INTERVAL | MAX_RETRIES) ;;
    REQUEST_TIMEOUT | STREAMING_CONNECT_TIMEOUT_SECONDS | STREAMING_READ_TIMEOUT_SECONDS | ALIAS_MAX_CHAIN_LENGTH) ;;
    # A provider's: {P}_API_KEY and so on, as the README names them.
    *_API_KEY | *_BASE_URL | *_API_FORMAT | *_API_VERSION | *_AUTH_MODE | *_KEY_AFFINITY | *_CUSTOM_HEADER_* | *_ALIAS_*) ;;
    *) return 1 ;;
  esac
}

# load_dotenv FILE: puts NAME=value lines into the environment. It executes nothing and keeps variables that are set
# already. Says which names it leaves out, and when others can read the keys in the file or write it. On a line that is
# none of these it says so and returns 2.
load_dotenv() {
  local file=$1 line name value number=0 mode left_out=()
  mode=$(stat -Lc %a -- "$file") || return 2
  if ((8#$mode & 8#066)); then
    printf 'run: %s: mode %s lets others read or write it; `chmod 600 %q` mends that\n' "$file" "$mode" "$file" >&2
  fi
  while IFS= read -r line || [[ -n $line ]]; do
    number=$((number + 1))
    line=${line%$'\r'}
    if [[ $line =~ ^[[:space:]]*(#|$) ]]; then continue; fi
    if [[ ! $line =~ ^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$ ]]; then
      printf 'run: %s:%s: expected NAME=value\n' "$file" "$number" >&2
      return 2
    fi
    name=${BASH_REMATCH[2]} value=${BASH_REMATCH[3]}
    if ! is_setting "$name"; then
      left_out+=("$name")
      continue
    fi
    if [[ $value =~ ^\"(.*)\"[[:space:]]*$ || $value =~ ^\'(.*)\'[[:space:]]*$ ]]; then
      value=${BASH_REMATCH[1]}
    else
      value=${value%%[[:space:]]#*}
      value=${value%"${value##*[![:space:]]}"}
    fi
    [[ -n ${!name+set} ]] || export "$name=$value"
  done <"$file"
  if ((${#left_out[@]})); then
    printf 'run: %s: no settings of the services, and not exported: %s\n' "$file" "${left_out[*]}" >&2
  fi
}
