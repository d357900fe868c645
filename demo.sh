#!/usr/bin/env bash
# Shows the whole cycle on this machine: judge, label, train, swap, reconcile. ./demo.sh --help lists the options.
set -euo pipefail
root=$(dirname "$(readlink -f "$0")")
. "$root/build/install.sh"
need_dotnet
need_debian libgtk-3-0
build "$root/src/Trainer"
build "$root/src/Appliance"
exec "$root/out/appliance/appliance" demo "$@"
