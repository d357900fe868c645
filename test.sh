#!/usr/bin/env bash
# Builds everything and runs every test; the last line counts them. Arguments go to the test programs, for example
#   ./test.sh --filter-class 'Appliance.Tests.Journal.*'
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
. build/install.sh
need_dotnet
need_debian libgtk-3-0 mosquitto mosquitto-clients ffmpeg python3-onnx
build Appliance.sln

passed=0 failed=0 skipped=0 broken=0
count() { sed -n "s/^ *$1: *\([0-9]*\).*/\1/p" "$2" | tail -n 1; }
for project in Inference.Tests Trainer.Tests Appliance.Tests Scenarios; do
  log=$(mktemp)
  status=0
  echo "== $project"
  "tests/$project/bin/Release/net10.0/$project" "$@" 2>&1 | tee "$log" || status=$?
  # Filters may leave a project without tests: exit code 8.
  failures=$(count failed "$log")
  passed=$((passed + $(count succeeded "$log"))) failed=$((failed + ${failures:-0})) skipped=$((skipped + $(count skipped "$log")))
  if [ "$status" -ne 0 ] && [ "$status" -ne 8 ] && [ "${failures:-0}" -eq 0 ]; then broken=$((broken + 1)); fi
  rm -f "$log"
done
failed=$((failed + broken))
[ "$skipped" -eq 0 ] && echo "$passed passed, $failed failed" || echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
