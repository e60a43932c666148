# shellcheck shell=bash
# What script/server, script/test and script/reset share. Sourced; leaves the shell in the checkout.

set -euo pipefail
umask 022 # what others must read (root's cluster, as the user postgres) stays readable; secrets set their own mode
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD
PYTHON=$ROOT/.venv/bin/python
STEP_LOG=$ROOT/var/log/step.log

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# step TEXT COMMAND…: run the command quietly; one line with its seconds, its output only when it fails.
step() {
    local text=$1 began=$SECONDS status
    shift
    printf '%s … ' "$text"
    set +e
    (
        set -e
        "$@"
    ) >"$STEP_LOG" 2>&1 </dev/null
    status=$?
    set -e
    if ((status)); then
        printf 'failed\n'
        tail -n 40 "$STEP_LOG" >&2
        exit "$status"
    fi
    printf '%s s\n' $((SECONDS - began))
}

# The folder of everything the scripts make, closed to other users; one script of a checkout at a time.
open_var() {
    mkdir -p var/log
    [[ -O var ]] || fail "var/ belongs to $(stat -c %U var): run the scripts as that user, or remove it first."
    chmod 700 var
    exec 9>var/lock
    flock -n 9 || {
        echo "Another script is at work in this checkout; waiting for it."
        flock 9
    }
}

close_lock() {
    exec 9>&-
}

# -- system packages ----------------------------------------------------------------------------------

# The interpreter to make .venv with: Python 3.11 or newer that can make environments.
find_python() {
    local candidate
    for candidate in python3.11 python3; do
        if "$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

has_postgis() {
    local folder version
    for folder in /usr/lib/postgresql/*/; do
        version=$(basename "$folder")
        if [[ $version =~ ^[0-9]+$ ]] && ((version >= 15)) && [[ -x $folder/bin/initdb ]] &&
            [[ -e /usr/share/postgresql/$version/extension/postgis.control ]]; then
            return 0
        fi
    done
    return 1
}

# The shell draws the same without a desktop, for half the processor's time; it needs the files of its own Chromium.
find_chromium() {
    { same_version chromium-headless-shell chromium-common && command -v chromium-headless-shell; } ||
        command -v chromium || command -v chromium-browser || command -v google-chrome
}

same_version() {
    local one other
    one=$(dpkg-query --show --showformat '${Version}' "$1" 2>/dev/null) &&
        other=$(dpkg-query --show --showformat '${Version}' "$2" 2>/dev/null) && [[ $one == "$other" ]]
}

has_library() {
    compgen -G "/usr/lib/*/$1"
}

# The font that printed sheets are lettered in.
has_roboto() {
    [[ $(find -L /usr/share/fonts /usr/local/share/fonts -name RobotoCondensed-Regular.ttf -print -quit 2>/dev/null) ]]
}

vendored() {
    (cd webmap/static/vendor 2>/dev/null && sha256sum --check --status "$ROOT/script/vendor.sha256" 2>/dev/null)
}

# install_packages server|test: what this machine lacks, in one go.
install_packages() {
    local missing=()
    "$PYTHON" -c '' 2>/dev/null || find_python >/dev/null || missing+=(python3 python3-venv)
    [[ -n ${DATABASE_URL:-} ]] || has_postgis || missing+=(postgis)
    vendored || { command -v node && command -v npm; } >/dev/null || missing+=(nodejs npm)
    # WeasyPrint, which writes the sheets to print, sets its letters with these.
    has_library libpangoft2-1.0.so.0 >/dev/null || missing+=(libpango-1.0-0 libpangoft2-1.0-0)
    has_library libharfbuzz-subset.so.0 >/dev/null || missing+=(libharfbuzz-subset0)
    has_roboto || missing+=(fonts-roboto-unhinted)
    [[ -x /usr/sbin/nginx ]] || missing+=(nginx)
    if [[ $1 == test ]]; then
        find_chromium >/dev/null || missing+=(chromium chromium-headless-shell)
        # The Node that Playwright brings along needs it; a bare system lacks it.
        has_library libatomic.so.1 >/dev/null || missing+=(libatomic1)
        command -v pdftotext >/dev/null || missing+=(poppler-utils)
    fi
    ((${#missing[@]})) || return 0
    local as_root=()
    if ((EUID)); then
        { command -v sudo >/dev/null && sudo -v; } ||
            fail "Missing on this machine: ${missing[*]}. Have an administrator run: script/install-packages ${missing[*]}"
        as_root=(sudo)
    fi
    step "Installing system packages: ${missing[*]}" "${as_root[@]}" "$ROOT/script/install-packages" "${missing[@]}"
}

# -- what the checkout itself needs ---------------------------------------------------------------------

# python_environment FILE…: .venv holds exactly what the requirement files pin.
python_environment() {
    local stamp wanted
    stamp=.venv/installed-$(basename "${*: -1}" .txt)
    wanted="$ROOT $(cat "$@" | sha256sum)" # with the path: an environment does not survive being moved
    if "$PYTHON" -c '' 2>/dev/null && [[ $(cat "$stamp" 2>/dev/null) == "$wanted" ]]; then
        return
    fi
    step "Installing Python packages" install_python_packages "$@"
    echo "$wanted" >"$stamp"
}

install_python_packages() {
    if ! "$PYTHON" -c '' 2>/dev/null || ! grep -qsF "$ROOT " .venv/installed-*; then
        local python
        python=$(find_python) || fail "Python 3.11 or newer with its venv module is needed, and apt has none here."
        "$python" -m venv --clear .venv
    fi
    local files=() file
    for file in "$@"; do files+=(-r "$file"); done
    "$PYTHON" -m pip install --quiet --no-input --disable-pip-version-check --require-hashes "${files[@]}"
}

vendor_javascript() {
    vendored || step "Fetching the JavaScript from npm" "$PYTHON" -m script.vendor
}

compile_translations() {
    local source
    for source in webmap/translations/*/LC_MESSAGES/*.po; do
        if [[ -e $source && ! ${source%.po}.mo -nt $source ]]; then
            step "Compiling translations" "$PYTHON" -m babel.messages.frontend compile -d webmap/translations
            return
        fi
    done
}

# The database: the user's own server when DATABASE_URL names one, else the private cluster.
open_database() {
    if [[ -z ${DATABASE_URL:-} ]]; then
        "$PYTHON" -m script.cluster is-up ||
            step "Starting the private PostgreSQL cluster" "$PYTHON" -m script.cluster start
        return
    fi
    "$PYTHON" -m script.check_database
    if [[ -z ${GPMB_SECRET_KEY:-} ]]; then
        GPMB_SECRET_KEY=$(sed -n 's/^GPMB_SECRET_KEY=//p' var/local.env)
        export GPMB_SECRET_KEY
    fi
}

# set_up server|test: everything up to a database that answers.
set_up() {
    local requirements=(requirements.txt)
    [[ $1 != test ]] || requirements+=(requirements-dev.txt)
    install_packages "$1"
    python_environment "${requirements[@]}"
    vendor_javascript
    compile_translations
    open_database
}
