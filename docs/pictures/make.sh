#!/usr/bin/env bash
# Makes docs/pictures/demo.svg: the demo's terminal view after a swap, as it really looks.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
. build/install.sh
need_debian tmux python3
build src/Trainer
build src/Appliance
session="demo-picture-$$"
tmux -f /dev/null new-session -d -s "$session" -x 112 -y 30 "LANG=C.UTF-8 TERM=xterm-256color out/appliance/appliance demo --seconds ${1:-45}"
sleep "$((${1:-45} - 3))"
tmux capture-pane -e -p -t "$session" | python3 docs/pictures/svg.py > docs/pictures/demo.svg
tmux kill-session -t "$session" 2>/dev/null || true
echo "docs/pictures/demo.svg"
